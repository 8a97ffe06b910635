#!/bin/bash
# Makes the cluster of a new data folder: the owner, the database and whatever /docker-entrypoint-initdb.d asks.
#
# All of it happens in a folder inside the data folder that takes its place at the end. A container killed half
# way therefore leaves nothing that the next start could mistake for a database.
#
# POSTGRES_PASSWORD (required, unless POSTGRES_HOST_AUTH_METHOD is "trust"), POSTGRES_USER (postgres),
# POSTGRES_DB (the user's name), POSTGRES_INITDB_ARGS, POSTGRES_INITDB_WALDIR, POSTGRES_HOST_AUTH_METHOD
# (scram-sha-256); those ending in USER, PASSWORD, DB and INITDB_ARGS can come from a file named by *_FILE.
set -euo pipefail

fail() {
	echo "postgres: $*" >&2
	exit 1
}

# read_setting NAME DEFAULT: takes $NAME, or the contents of the file $NAME_FILE, or DEFAULT.
read_setting() {
	local name=$1 file_name=${1}_FILE value
	if [ -n "${!file_name:-}" ]; then
		[ -z "${!name:-}" ] || fail "$name and $file_name are both set; set one of them"
		[ -r "${!file_name}" ] || fail "$file_name: cannot read ${!file_name} as user $(id -un)"
		value=$(<"${!file_name}")
	else
		value=${!name:-$2}
	fi
	export "$name=$value"
	unset "$file_name"
}

# promote FROM TO: moves everything, the file by which a finished cluster is known last.
promote() {
	local from=$1 to=$2 entry
	: >"$from/.complete"
	for entry in "$from"/* "$from"/.[!.]*; do
		case "${entry##*/}" in
		'*' | '.[!.]*' | .complete | PG_VERSION) ;;
		*) mv -f "$entry" "$to/" ;;
		esac
	done
	mv -f "$from/PG_VERSION" "$to/"
	rm -rf "$from"
}

run_script() {
	case "$1" in
	*.sh)
		echo "postgres: running $1"
		if [ -x "$1" ]; then
			"$1"
		else
			# shellcheck source=/dev/null
			. "$1"
		fi
		;;
	*.sql)
		echo "postgres: running $1"
		query -d "$POSTGRES_DB" -f "$1"
		;;
	*.sql.gz)
		echo "postgres: running $1"
		gunzip -c "$1" | query -d "$POSTGRES_DB"
		;;
	*) echo "postgres: leaving out $1: neither .sh, .sql nor .sql.gz" ;;
	esac
}

query() {
	psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password -U "$POSTGRES_USER" "$@"
}

data=$PGDATA
fresh=$data/.first-start

if [ -e "$fresh/.complete" ]; then
	echo "postgres: finishing a first start that was interrupted at its end"
	promote "$fresh" "$data"
	exit 0
fi
rm -rf "$fresh"

other=$(find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)
[ -z "$other" ] || fail "$data holds $other but no PG_VERSION; give it an empty folder or a complete cluster"

read_setting POSTGRES_USER postgres
read_setting POSTGRES_PASSWORD ''
read_setting POSTGRES_DB "$POSTGRES_USER"
read_setting POSTGRES_INITDB_ARGS ''
method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}

if [ -z "$POSTGRES_PASSWORD" ] && [ "$method" != trust ]; then
	fail "the superuser $POSTGRES_USER has no password; set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE"
fi

mkdir -m 0700 "$fresh"
export PGDATA=$fresh
arguments=(--username="$POSTGRES_USER")
[ -z "$POSTGRES_PASSWORD" ] || arguments+=(--pwfile=/dev/stdin)
[ -z "${POSTGRES_INITDB_WALDIR:-}" ] || arguments+=(--waldir="$POSTGRES_INITDB_WALDIR")
# The variable holds several options, so it is split into words on purpose.
# shellcheck disable=SC2086
initdb "${arguments[@]}" $POSTGRES_INITDB_ARGS < <(printf '%s\n' "$POSTGRES_PASSWORD")
printf '\nhost all all all %s\n' "$method" >>"$fresh/pg_hba.conf"
printf "\nlisten_addresses = '*'\n" >>"$fresh/postgresql.conf"

# Reachable only here, so that nobody takes the database for ready before it is.
export PGHOST=$fresh PGPASSWORD=$POSTGRES_PASSWORD
shift
PGUSER=$POSTGRES_USER pg_ctl -w start \
	-o "$(printf '%q ' "$@" -c listen_addresses= -c unix_socket_directories="$fresh" -p 5432)"

if [ "$POSTGRES_DB" != postgres ]; then
	query -d postgres --set=name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
fi
for script in /docker-entrypoint-initdb.d/*; do
	[ ! -e "$script" ] || run_script "$script"
done

PGUSER=$POSTGRES_USER pg_ctl -m fast -w stop
promote "$fresh" "$data"
echo "postgres: first start complete"
