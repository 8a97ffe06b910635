"""
Postgres roles: one owner without login, one login per password, so that old and new overlap while releases change. With
{extensions} the database is one application's own: it is made with them, and nobody else may connect to it. No login may connect
to those that are {closed}; the superuser, with whom health, backups and these tools ask, needs no right to.
"""

import base64
import hashlib
import hmac
import os
import re

from .lib.differences import differs
from .lib.errors import HostError
from .lib.postgres import identifier, literal, sql

ITERATIONS = 4096
# Any number that is nobody else's.
SHUT = 7015


def apply(spec):
    """Creates {login} with {password} for {database}, as a member of {owner}; everything it makes belongs to the owner."""
    owner, database, role = (identifier(spec[key]) for key in ("owner", "database", "login"))
    create_unless(spec, f"SELECT 1 FROM pg_roles WHERE rolname = {literal(spec['owner'])}", f"CREATE ROLE {owner} NOLOGIN")
    refuse_unknown(spec)
    # Not of template1, which everybody may connect to: a copy of it would wait until nobody is.
    template = " TEMPLATE template0" if "extensions" in spec else ""
    create_unless(spec, database_there(spec), f"CREATE DATABASE {database} OWNER {owner}{template}")
    create_unless(spec, f"SELECT 1 FROM pg_roles WHERE rolname = {literal(spec['login'])}", f"CREATE ROLE {role} LOGIN")
    sql(
        spec,
        f"ALTER ROLE {role} LOGIN PASSWORD {literal(verifier(spec['password']))};\n"
        f"GRANT {owner} TO {role};\n"
        f"ALTER ROLE {role} SET role = {literal(spec['owner'])};\n"
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;\n"
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {owner};\n",
    )
    shut(spec)
    sql(spec, f"ALTER SCHEMA public OWNER TO {owner}", spec["database"])
    if "extensions" in spec:
        close(spec)
        wanted = [f"CREATE EXTENSION IF NOT EXISTS {identifier(name)};\n" for name in spec["extensions"]]
        sql(spec, "".join(wanted), spec["database"])


def shut(spec):
    """Takes the right to connect from everybody. Logins are made at the same time: of two changes of one row, Postgres refuses one."""
    for name in spec.get("closed", []):
        sql(spec, f"BEGIN;\nSELECT pg_advisory_xact_lock({SHUT});\nREVOKE ALL ON DATABASE {identifier(name)} FROM PUBLIC;\nCOMMIT;\n")


def close(spec):
    """The database is its owner's, who may make schemas and trusted extensions in it, and nobody else's."""
    owner, database = identifier(spec["owner"]), identifier(spec["database"])
    _, _, connect = sql(spec, OWNED + literal(spec["database"])).strip().partition("|")
    strangers = [name for name in connect.split() if name not in ("everybody", spec["owner"])]
    closing = [f"REVOKE ALL ON DATABASE {database} FROM {identifier(name)};\n" for name in strangers]
    closing += [f"REVOKE {owner} FROM {identifier(name)};\n" for name in foreign_members(spec)]
    sql(spec, f"ALTER DATABASE {database} OWNER TO {owner};\nGRANT ALL ON DATABASE {database} TO {owner};\n" + "".join(closing))


def foreign_members(spec):
    """Whoever is a member of the owner is the owner: roles other than its own logins."""
    of_owner = f"SELECT oid FROM pg_roles WHERE rolname = {literal(spec['owner'])}"
    members = sql(spec, f"SELECT pg_get_userbyid(member) FROM pg_auth_members WHERE roleid = ({of_owner})").splitlines()
    return [name for name in members if not re.fullmatch(re.escape(spec["owner"]) + "_[0-9a-f]{8}", name)]


def refuse_unknown(spec):
    """Before anything is made: extensions that the image doesn't have."""
    wanted = spec.get("extensions")
    if not wanted:
        return
    known = sql(spec, "SELECT name FROM pg_available_extensions ORDER BY name").split()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise HostError(
            f"Postgres's image has no extension {', '.join(unknown)}, which the database {spec['database']} wants. Nothing was changed. "
            f"Remove it there, or write one that the image has: {', '.join(known)}"
        )


def database_there(spec):
    return f"SELECT 1 FROM pg_database WHERE datname = {literal(spec['database'])}"


def remove(spec):
    """Drops {login} and ends its sessions; what it owns by mistake goes to the owner."""
    known = sql(spec, f"SELECT 1 FROM pg_roles WHERE rolname = {literal(spec['login'])}")
    if not known.strip():
        return
    role, owner = identifier(spec["login"]), identifier(spec["owner"])
    place = spec["database"] if sql(spec, database_there(spec)).strip() else "postgres"
    sql(
        spec,
        f"ALTER ROLE {role} NOLOGIN;\n"
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {literal(spec['login'])};\n"
        f"REASSIGN OWNED BY {role} TO {owner};\nDROP OWNED BY {role};\nDROP ROLE {role};\n",
        place,
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
    for name in spec.get("closed", []):
        _, _, connect = sql(spec, OWNED + literal(name)).strip().partition("|")
        if "everybody" in connect.split():
            yield differs(f"database {name}", "access", "closed", "everybody")
    if "extensions" in spec:
        yield from look_own(spec)


# Owner, and the roles that may connect; 0 stands for everybody (PostgreSQL's manual, "Privileges").
OWNED = """
SELECT pg_get_userbyid(datdba),
  (SELECT string_agg(DISTINCT CASE grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(grantee) END, ' ')
   FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE privilege_type = 'CONNECT')
FROM pg_database WHERE datname = """


def look_own(spec):
    """The database of one application: there, its owner's, closed to all others, with its extensions."""
    thing = f"database {spec['database']}"
    row = sql(spec, OWNED + literal(spec["database"])).strip()
    if not row:
        yield differs(thing, "presence", "database", None)
        return
    owner, _, connect = row.partition("|")
    if owner != spec["owner"]:
        yield differs(thing, "owner", spec["owner"], owner)
    if connect != spec["owner"]:
        yield differs(thing, "access", spec["owner"], connect or "nobody")
    others = foreign_members(spec)
    if others:
        yield differs(thing, "members", "its logins alone", ", ".join(others))
    there = sql(spec, "SELECT extname FROM pg_extension", spec["database"]).split()
    for name in spec["extensions"]:
        if name not in there:
            yield differs(f"extension {name} of {spec['database']}", "presence", "extension", None)


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
