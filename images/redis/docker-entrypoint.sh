#!/bin/sh
# Starts Redis. A first argument that is an option or a configuration file is one of redis-server's; commands
# other than redis-server run as they are. As root it hands /data to the user redis and goes on as that user.
set -eu

case "${1:-}" in
-* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" != redis-server ]; then
	exec "$@"
fi

if [ "$(id -u)" -eq 0 ]; then
	find . ! -user redis -exec chown redis:redis {} +
	exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
fi

# Without any setting Redis listens to nobody outside the container.
if [ "$#" -eq 1 ]; then
	set -- "$@" --protected-mode no
fi

# What Redis writes is nobody else's to read.
umask 0077
exec "$@"
