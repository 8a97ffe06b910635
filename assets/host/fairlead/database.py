"""Postgres roles: one owner without login, one login per password, so that old and new overlap while releases change."""

import base64
import hashlib
import hmac
import os

from .errors import say
from .gate import inspect, is_running, wait_healthy
from .run import run

ITERATIONS = 4096


def login(spec):
    """Creates {login} with {password} for {database}, as a member of {owner}; everything it makes belongs to the owner."""
    owner, database, role = (identifier(spec[key]) for key in ("owner", "database", "login"))
    create_unless(spec, f"SELECT 1 FROM pg_roles WHERE rolname = {literal(spec['owner'])}", f"CREATE ROLE {owner} NOLOGIN")
    create_unless(
        spec, f"SELECT 1 FROM pg_database WHERE datname = {literal(spec['database'])}", f"CREATE DATABASE {database} OWNER {owner}"
    )
    create_unless(spec, f"SELECT 1 FROM pg_roles WHERE rolname = {literal(spec['login'])}", f"CREATE ROLE {role} LOGIN")
    sql(
        spec,
        f"ALTER ROLE {role} LOGIN PASSWORD {literal(verifier(spec['password']))};\n"
        f"GRANT {owner} TO {role};\n"
        f"ALTER ROLE {role} SET role = {literal(spec['owner'])};\n"
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;\n"
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {owner};\n",
    )
    sql(spec, f"ALTER SCHEMA public OWNER TO {owner}", spec["database"])


def logout(spec):
    """Drops {login} and ends its sessions; what it owns by mistake goes to the owner."""
    known = sql(spec, f"SELECT 1 FROM pg_roles WHERE rolname = {literal(spec['login'])}")
    if not known.strip():
        return
    role, owner = identifier(spec["login"]), identifier(spec["owner"])
    sql(
        spec,
        f"ALTER ROLE {role} NOLOGIN;\n"
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {literal(spec['login'])};\n"
        f"REASSIGN OWNED BY {role} TO {owner};\nDROP OWNED BY {role};\nDROP ROLE {role};\n",
        spec["database"],
    )


def reload_database(spec):
    """Has a running server take over its configuration files; restarts it only when a setting needs that."""
    if not is_running(spec["container"]):
        return
    sql(spec, "SELECT pg_reload_conf()")
    pending = sql(spec, "SELECT name FROM pg_settings WHERE pending_restart").split()
    if pending:
        say("restarting Postgres for " + ", ".join(pending))
        run(["docker", "restart", "--time", "60", spec["container"]])
        wait_healthy(spec["container"], spec["within"])


def create_unless(spec, exists, create):
    if not sql(spec, exists).strip():
        sql(spec, create)


def sql(spec, statement, database="postgres"):
    """Runs SQL over the container's own socket (peer authentication): no password is involved, none is in argv."""
    inspect(spec["container"])
    client = ["docker", "exec", "-i", "-u", "postgres", spec["container"], "psql", "-XqtA", "-v", "ON_ERROR_STOP=1", "-d", database]
    return run(client, stdin=statement).stdout


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def verifier(password, salt=None, iterations=ITERATIONS):
    """A SCRAM-SHA-256 verifier (RFC 5802, as Postgres stores it), so that the password itself never reaches the server."""
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encode = [base64.b64encode(part).decode() for part in (salt, client, server)]
    return f"SCRAM-SHA-256${iterations}:{encode[0]}${encode[1]}:{encode[2]}"


def accepts(found, password):
    """Whether a verifier that Postgres has was made from that password."""
    try:
        rounds, salt = found.split("$")[1].split(":")
        expected = verifier(password, base64.b64decode(salt), int(rounds))
    except (IndexError, ValueError):
        return False
    return hmac.compare_digest(expected.encode(), found.encode())
