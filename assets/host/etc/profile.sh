# shellcheck shell=sh
# What people create who log in is not for everybody, no program of theirs leaves its memory on the disk, and an idle
# shell ends.
umask 027
# shellcheck disable=SC3045 # every shell that Debian and Ubuntu log in with has it
ulimit -c 0
if [ -z "${TMOUT:-}" ]; then
  readonly TMOUT=3600
  export TMOUT
fi
