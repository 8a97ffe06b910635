"""A Postgres role that sees figures and no data: a member of pg_monitor (PostgreSQL's manual, "Predefined Roles")."""

from .database_login import accepts, verifier
from .lib.differences import differs
from .lib.postgres import identifier, literal, sql


def apply(spec):
    """Input: {container, database, login, password}. It may connect to {database} and reads nothing there."""
    role, database = identifier(spec["login"]), identifier(spec["database"])
    if not sql(spec, there(spec)).strip():
        sql(spec, f"CREATE ROLE {role} LOGIN")
    sql(
        spec,
        f"ALTER ROLE {role} LOGIN CONNECTION LIMIT 5 PASSWORD {literal(verifier(spec['password']))};\n"
        f"GRANT pg_monitor TO {role};\nGRANT CONNECT ON DATABASE {database} TO {role};\n",
    )


def remove(spec):
    """Its sessions end; it owns nothing."""
    if not sql(spec, there(spec)).strip():
        return
    role = identifier(spec["login"])
    sql(
        spec,
        f"ALTER ROLE {role} NOLOGIN;\n"
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {literal(spec['login'])};\n"
        f"DROP OWNED BY {role};\nDROP ROLE {role};\n",
        spec["database"],
    )


def look(spec):
    thing = f"role {spec['login']}"
    row = sql(spec, f"SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = {literal(spec['login'])}").strip()
    if not row:
        yield differs(thing, "presence", "login", None)
        return
    can_login, _, found = row.partition("|")
    if can_login != "t":
        yield differs(thing, "kind", "login", "may not log in")
    if not accepts(found, spec["password"]):
        yield differs(thing, "password", "declared", "another")
    member = sql(spec, f"SELECT pg_has_role({literal(spec['login'])}, 'pg_monitor', 'MEMBER')").strip()
    if member != "t":
        yield differs(thing, "member", "pg_monitor", None)


def there(spec):
    return f"SELECT 1 FROM pg_roles WHERE rolname = {literal(spec['login'])}"
