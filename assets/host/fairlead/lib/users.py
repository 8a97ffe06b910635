"""Accounts as declared: {name, groups}. They have no password. One stays when its component goes, with what it owns."""

import grp
import pwd

from .differences import differs
from .errors import say
from .files import read
from .run import run


def apply(users):
    for user in users:
        ensure(user)


def ensure(user):
    name = user["name"]
    for group in user["groups"]:
        if not exists(grp.getgrnam, group):
            run(["groupadd", "--system", group])
    if not exists(pwd.getpwnam, name):
        say(f"making the account {name}")
        run(["useradd", "--create-home", "--user-group", "--shell", "/bin/bash", "--password", "*", name])
    for group in user["groups"]:
        if name not in grp.getgrnam(group).gr_mem:
            run(["usermod", "--append", "--groups", group, name])
    lock(name)


def exists(look_up, name):
    try:
        look_up(name)
    except KeyError:
        return False
    return True


def lock(user):
    """No password opens the account; the hash stays behind the lock, so that unlocking brings it back."""
    if shadow(user).startswith("$"):
        run(["usermod", "--lock", user])


def shadow(user):
    for line in read("/etc/shadow").decode().splitlines():
        name, password = line.split(":")[:2]
        if name == user:
            return password
    return ""


def look(users):
    for user in users:
        name = user["name"]
        if not exists(pwd.getpwnam, name):
            yield differs(f"user {name}", "presence", "user", None)
            continue
        for group in user["groups"]:
            if not exists(grp.getgrnam, group) or name not in grp.getgrnam(group).gr_mem:
                yield differs(f"user {name}", "group", group, None)
        if shadow(name).startswith("$"):
            yield differs(f"user {name}", "password", "none", "set")
