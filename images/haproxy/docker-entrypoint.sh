#!/bin/sh
# Starts HAProxy in master-worker mode in the foreground. A first argument that is an option is one of
# haproxy's; commands other than haproxy run as they are.
set -eu

case "${1:-}" in
-*) set -- haproxy "$@" ;;
esac

if [ "${1:-}" = haproxy ]; then
	shift
	set -- haproxy -W -db "$@"
fi

exec "$@"
