#!/bin/sh
# Writes the files that an SSH client needs for one server: write-identity.sh FOLDER
# The private key stands on standard input (empty: the SSH agent has it), the
# server's pinned key in $KNOWN_HOSTS. Prints the folder.
set -eu
umask 077
mkdir -p "$1"
cat >"$1/identity.next"
printf '%s\n' "$KNOWN_HOSTS" >"$1/known_hosts.next"
mv "$1/known_hosts.next" "$1/known_hosts"
if [ -s "$1/identity.next" ]; then
  mv "$1/identity.next" "$1/identity"
else
  rm -f "$1/identity.next" "$1/identity"
fi
echo "$1"
