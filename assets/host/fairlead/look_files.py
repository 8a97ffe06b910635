"""Looks at declared files, folders, packages and units; each yields differences and changes nothing."""

import grp
import json
import os
import pwd
import stat

from .edge import closed, stale
from .files import missing_packages, read
from .owner import MARKER, marker
from .run import run
from .swap import TABLE, active, entry

TOOLS = "/usr/local/lib/fairlead/fairlead"
CLAIM = "claim.json"
# What comes along with the tools and stands elsewhere.
ELSEWHERE = {
    "bootstrap.sh": "/usr/local/sbin/fairlead-bootstrap",
    "fairlead-rollback.service": "/etc/systemd/system/fairlead-rollback.service",
}


def differs(thing, aspect, declared, found):
    """One difference; None stands for what isn't there."""
    return {"thing": thing, "aspect": aspect, "declared": declared, "found": found}


def tools(files):
    """The host tools themselves: {name: content}, and whom the server belongs to."""
    for name, content in sorted(files.items()):
        if name == CLAIM:
            yield from owner(json.loads(content))
            continue
        yield from content_of(ELSEWHERE.get(name) or os.path.join(TOOLS, name), content)
    for name in sorted(os.listdir(TOOLS)):
        if name.endswith(".py") and name not in files:
            yield differs(os.path.join(TOOLS, name), "presence", None, "there")


def owner(claim):
    known = marker() or {}
    found = None if known.get("free") else known.get("id")
    if found != claim["id"]:
        yield differs(MARKER, "owner", claim["id"], found)


def apply(spec):
    for name in missing_packages(spec.get("packages", []), spec.get("recommended", [])):
        yield differs(f"package {name}", "presence", "installed", None)
    for directory in spec.get("directories", []):
        yield from place(directory, stat.S_ISDIR, "directory")
    for file in spec.get("files", []):
        missing = list(place(file, stat.S_ISREG, "file"))
        yield from missing
        if not any(one["aspect"] in ("presence", "kind") for one in missing):
            yield from content_of(file["path"], file["content"])
    for argv in spec.get("always", []):
        yield from effect(argv)


def place(declared, fits_kind, kind):
    """Whether a file or folder is there, of that kind, with its mode and owner."""
    path = declared["path"]
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        yield differs(path, "presence", kind, None)
        return
    if not fits_kind(found.st_mode):
        yield differs(path, "kind", kind, "something else")
        return
    mode = f"{stat.S_IMODE(found.st_mode):04o}"
    if int(mode, 8) != int(declared["mode"], 8):
        yield differs(path, "mode", declared["mode"], mode)
    user, _, group = declared.get("owner", "root:root").partition(":")
    wanted = f"{number(user, pwd_id)}:{number(group or user, grp_id)}"
    if wanted != f"{found.st_uid}:{found.st_gid}":
        yield differs(path, "owner", named(*wanted.split(":")), named(found.st_uid, found.st_gid))


def number(name, find):
    return name if name.isdigit() else find(name)


def pwd_id(name):
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return name


def grp_id(name):
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return name


def named(uid, gid):
    """`user:group`, by name where there is one."""
    try:
        user = pwd.getpwuid(int(uid)).pw_name
    except (KeyError, ValueError):
        user = str(uid)
    try:
        group = grp.getgrgid(int(gid)).gr_name
    except (KeyError, ValueError):
        group = str(gid)
    return f"{user}:{group}"


def content_of(path, declared):
    found = read(path)
    if found is None:
        yield differs(path, "presence", "file", None)
    elif found != declared.encode():
        yield differs(path, "content", declared, found.decode(errors="replace"))


def effect(argv):
    """What a command that runs at every update leaves behind, where that can be looked at."""
    if argv[:2] == ["ln", "-sfn"]:
        target = os.readlink(argv[3]) if os.path.islink(argv[3]) else None
        if target != argv[2]:
            yield differs(argv[3], "target", argv[2], target)
    if argv[:2] == ["systemctl", "enable"]:
        for unit in [word for word in argv[2:] if not word.startswith("-")]:
            yield from unit_state(unit, "--now" in argv)


def unit_state(unit, running=True):
    """Whether a unit of systemd starts with the server, and runs now."""
    state = run(["systemctl", "is-enabled", unit], check=False).stdout.strip() or "not found"
    if state not in ("enabled", "enabled-runtime", "static", "alias", "generated"):
        yield differs(f"unit {unit}", "enabled", "enabled", state)
    now = run(["systemctl", "is-active", unit], check=False).stdout.strip()
    if running and now not in ("active", "activating", "reloading"):
        yield differs(f"unit {unit}", "active", "active", now)


def swap(spec):
    file = spec["file"]
    size = os.path.getsize(file) if os.path.exists(file) else None
    if size != spec["bytes"]:
        yield differs(file, "size", spec["bytes"], size)
    elif not active(file):
        yield differs(file, "swap", "in use", "not in use")
    if entry(file) not in (read(TABLE) or b"").decode():
        yield differs(TABLE, "swap", entry(file).strip(), None)


def edge(spec):
    """Nginx's files in the live folder, no more and no less, open to its workers, and in a folder that it still has."""
    for path in stale(spec) if "writable" in spec else ():
        yield differs(f"container {spec['container']}", "folder", path, "one that is gone")
    live = os.path.join(spec["directory"], "live")
    for name, content in sorted(spec["files"].items()):
        yield from content_of(os.path.join(live, name), content)
    for base, _, found in os.walk(live):
        for path in sorted(os.path.join(base, name) for name in found):
            if os.path.relpath(path, live) not in spec["files"]:
                yield differs(path, "presence", None, "file")
    for path, wanted, found in closed(live):
        yield differs(path, "mode", f"{wanted:04o}", f"{found:04o}")
