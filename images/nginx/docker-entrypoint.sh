#!/bin/sh
# Starts Nginx. A first argument that is an option is one of nginx's; other commands run as they are.
set -eu

case "${1:-}" in
-*) set -- nginx "$@" ;;
esac

exec "$@"
