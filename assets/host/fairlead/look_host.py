"""Looks at the host's own guard: firewall, sshd, the deploy user, hardening; each yields differences and changes nothing."""

import grp
import os
import pwd
import shutil
import stat

from . import account as accounts
from . import firewall as walls
from . import harden as hardening
from . import sshd as daemon
from .files import missing_packages, read
from .look_files import apply, content_of, differs, place, unit_state


def firewall(spec):
    """UFW's rules and files, and whether the kernel's live rules are theirs."""
    if not shutil.which("ufw"):
        yield differs("package ufw", "presence", "installed", None)
        return
    if not walls.active():
        yield differs("ufw", "state", "active", "inactive")
    wanted = [" ".join(words) for words in spec["rules"]]
    added = walls.added()
    for rule in wanted:
        if rule not in added:
            yield differs(f"ufw rule {rule}", "presence", "rule", None)
    for rule in added:
        if rule not in wanted:
            yield differs(f"ufw rule {rule}", "presence", None, "rule")
    for path, text in walls.wanted_files(spec).items():
        yield from content_of(path, text.decode())
    if walls.active():
        for what, declared, found in walls.past_ufw(spec):
            yield differs(what, "presence" if declared is None else "rules", declared, found)


def sshd(spec):
    """The declared file, and whether sshd reads the settings so; root has no password."""
    yield from whole({"path": spec["file"], "mode": "0600", "content": spec["content"]})
    for option, declared, found in daemon.overruled(spec):
        yield differs("sshd", option, declared, found)
    if daemon.shadow("root").startswith("$"):
        yield differs("user root", "password", "locked", "set")


def account(spec):
    """The deploy user: there, in Docker's group, without a password, with its keys and its sudo."""
    for name in missing_packages(spec["packages"]):
        yield differs(f"package {name}", "presence", "installed", None)
    user = spec["user"]
    yield from whole({"path": spec["sudoers"]["path"], "mode": "0440", "content": spec["sudoers"]["content"]})
    if not accounts.exists(pwd.getpwnam, user):
        yield differs(f"user {user}", "presence", "user", None)
        return
    if not accounts.exists(grp.getgrnam, "docker") or user not in grp.getgrnam("docker").gr_mem:
        yield differs(f"user {user}", "group", "docker", None)
    if daemon.shadow(user).startswith("$"):
        yield differs(f"user {user}", "password", "none", "set")
    home = pwd.getpwnam(user)
    owner = f"{home.pw_uid}:{home.pw_gid}"
    yield from place({"path": home.pw_dir, "mode": "0750", "owner": owner}, stat.S_ISDIR, "directory")
    folder = os.path.join(home.pw_dir, ".ssh")
    yield from place({"path": folder, "mode": "0700", "owner": owner}, stat.S_ISDIR, "directory")
    keys = os.path.join(folder, "authorized_keys")
    missing = list(place({"path": keys, "mode": "0600", "owner": owner}, stat.S_ISREG, "file"))
    yield from missing
    if not missing:
        present = accounts.text_of(read(keys)).splitlines()
        for key in spec["keys"]:
            if key not in present:
                yield differs(f"key {title(key)} of {user}", "presence", "key", None)


def title(key):
    """A public key in words: its comment, or its last characters."""
    words = key.split()
    return words[2] if len(words) > 2 else words[1][-12:]


def harden(spec):
    """Packages, files, login rules, services, and the kernel's live settings."""
    declared, kernel, _ = hardening.resolved(spec)
    yield from apply(declared)
    for name, value, found in hardening.overruled(kernel):
        yield differs(f"kernel setting {name}", "value", value, found)
    lines = [line.split() for line in read(hardening.LOGIN).decode().splitlines()]
    login = {words[0]: words[1] for words in lines if len(words) > 1 and words[0][0] != "#"}
    for key, value in spec["login"].items():
        if login.get(key) != value:
            yield differs(hardening.LOGIN, key, value, login.get(key))
    for unit in declared["services"]:
        yield from unit_state(unit)


def whole(file):
    """A file with content, mode and owner."""
    yield from apply({"files": [file]})
