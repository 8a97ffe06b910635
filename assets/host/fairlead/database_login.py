"""Postgres roles: one owner without login, one login per password, so that old and new overlap while releases change."""

import base64
import hashlib
import hmac
import os

from .lib.differences import differs
from .lib.postgres import identifier, literal, sql

ITERATIONS = 4096


def apply(spec):
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


def remove(spec):
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


def look(spec):
    """The role of a password: there, may log in, and accepts that very password."""
    role = f"role {spec['login']}"
    row = sql(spec, f"SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = {literal(spec['login'])}").strip()
    if not row:
        yield differs(role, "presence", "login", None)
        return
    can_login, _, found = row.partition("|")
    if can_login != "t":
        yield differs(role, "kind", "login", "may not log in")
    if not accepts(found, spec["password"]):
        yield differs(role, "password", "declared", "another")
    member = sql(
        spec, f"SELECT pg_has_role({literal(spec['login'])}, oid, 'MEMBER') FROM pg_roles WHERE rolname = {literal(spec['owner'])}"
    ).strip()
    if member != "t":
        yield differs(role, "member", spec["owner"], None)


def create_unless(spec, exists, create):
    if not sql(spec, exists).strip():
        sql(spec, create)


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
