#!/bin/sh
# Removes what write-identity.sh wrote: remove-identity.sh FOLDER
set -eu
rm -f "$1/identity" "$1/known_hosts"
rmdir "$1" 2>/dev/null || true
