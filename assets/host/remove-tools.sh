#!/bin/sh
# Takes the host tools away again.
set -eu
self=/usr/local/sbin/fairlead-bootstrap
[ -x "$self" ] || exit 0
if [ "$(id -u)" -eq 0 ]; then
  exec "$self" remove
fi
exec sudo -n "$self" remove
