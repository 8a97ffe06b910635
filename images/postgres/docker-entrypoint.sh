#!/bin/bash
# Starts PostgreSQL, after preparing an empty data folder. Commands other than postgres run as they are.
#
# As root it hands the data folder to the user postgres and goes on as that user; as any other user it needs
# neither root nor capabilities.
set -euo pipefail

case "${1:-}" in
-*) set -- postgres "$@" ;;
esac

if [ "${1:-}" != postgres ]; then
	exec "$@"
fi

# Asking for the version or the options needs no data.
for argument in "$@"; do
	case "$argument" in
	-V | --version | '-?' | --help | --describe-config) exec "$@" ;;
	esac
done

if [ "$(id -u)" -eq 0 ]; then
	install -d -m 0700 "$PGDATA"
	find "$PGDATA" /run/postgresql ! -user postgres -exec chown postgres:postgres {} +
	exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	first-start.sh "$@"
fi

unset POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB POSTGRES_INITDB_ARGS
exec "$@"
