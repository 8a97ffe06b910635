"""Looks at what runs: limits, database logins, cache passwords, traffic; each yields differences and changes nothing."""

import hashlib
import os
import time

from .cache import admin_file, administrator, passwords
from .database import accepts, literal, sql
from .errors import HostError
from .files import read
from .gate import inspect as container
from .haproxy import DRAIN, MAINTENANCE, NOBODY, Runtime
from .look_files import content_of, differs
from .run import run
from .switch_config import loaded, socket_of
from .traffic import declared, render


def gate(spec):
    yield from limit(spec["container"], spec["pids"])


def limit(name, pids):
    found = container(name)["HostConfig"].get("PidsLimit")
    if found != pids:
        yield differs(f"container {name}", "processes", pids, found)


def login(spec):
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


def reload_database(spec):
    """Whether the running server has read its files."""
    pending = sql(spec, "SELECT name FROM pg_settings WHERE pending_restart").split()
    if pending:
        yield differs(f"container {spec['container']}", "settings", "in use", "waiting for a restart: " + ", ".join(pending))
    wrong = sql(spec, "SELECT name || ' = ' || setting FROM pg_file_settings WHERE NOT applied AND error IS NOT NULL").splitlines()
    if wrong:
        yield differs(f"container {spec['container']}", "settings", "in use", "refused: " + ", ".join(wrong))


def allow(spec):
    """The password is among those that the ACL file has, and the running Redis accepts exactly those."""
    digest = hashlib.sha256(spec["password"].encode()).hexdigest()
    yield from content_of(os.path.join(passwords(spec), spec["fingerprint"]), digest)
    known = {read(os.path.join(passwords(spec), name)).decode() for name in os.listdir(passwords(spec))}
    if read(admin_file(spec)) is None:
        yield differs(admin_file(spec), "presence", "file", None)
        return
    client, env = administrator(spec)
    lines = [line.split() for line in run([*client, "ACL", "LIST"], env=env).stdout.splitlines()]
    users = {words[1]: words for words in lines if words[:1] == ["user"]}
    if sorted(users) != ["default", "fairlead", "health"]:
        yield differs("cache", "users", "default, fairlead, health", ", ".join(sorted(users)) or "none: Redis refuses its administrator")
    elif {word[1:] for word in users["default"] if word.startswith("#")} != known or "on" not in users["default"]:
        yield differs("cache user default", "passwords", "declared", "others")


def switch(spec):
    """HAProxy's live servers and weights, and the file that it reads when it starts."""
    for release in spec["releases"]:
        for one in release["containers"]:
            yield from limit(one["name"], spec["pids"])
    app, wanted = spec["app"], dict(declared(spec))
    current = Runtime(spec["socket"]).servers(app)
    if not current:
        raise HostError(f"HAProxy knows no application {app}")
    if not os.path.exists(socket_of(spec)):
        yield differs(socket_of(spec), "presence", "socket", None)
    taken = {}
    for name, entry in current.items():
        host = entry["host"]
        if host in wanted:
            taken[name] = host
            yield from traffic(f"traffic of {app} to {host}", entry, wanted[host])
        elif host != NOBODY:
            yield differs(f"traffic of {app} to {host}", "weight", None, entry["weight"])
    for host in set(wanted) - set(taken.values()):
        yield differs(f"traffic of {app} to {host}", "weight", wanted[host], None)
    if set(wanted) == set(taken.values()):
        yield from content_of(spec["file"], render(spec, taken, wanted))


def traffic(thing, entry, weight):
    if entry["weight"] != weight:
        yield differs(thing, "weight", weight, entry["weight"])
    if entry["admin"] & (MAINTENANCE | DRAIN):
        yield differs(thing, "state", "ready", "maintenance" if entry["admin"] & MAINTENANCE else "draining")
    elif not entry["up"]:
        yield differs(thing, "health", "up", "down")


def refresh(spec):
    if not loaded(spec):
        written = time.strftime("%F %T", time.gmtime(os.path.getmtime(spec["file"])))
        yield differs(f"container {spec['container']}", "configuration", f"the file of {written} UTC", "an older one")
