"""How a look says what differs, and the differences of files, folders and packages."""

import grp
import os
import pwd
import stat

from .files import missing_packages, read


def differs(thing, aspect, declared, found):
    """One difference; None stands for what isn't there."""
    return {"thing": thing, "aspect": aspect, "declared": declared, "found": found}


def packages(names, recommended=()):
    for name in missing_packages(names, recommended):
        yield differs(f"package {name}", "presence", "installed", None)


def whole(file):
    """A file with content, mode and owner."""
    missing = list(place(file, stat.S_ISREG, "file"))
    yield from missing
    if not any(one["aspect"] in ("presence", "kind") for one in missing):
        yield from content_of(file["path"], file["content"])


def directory(declared):
    yield from place(declared, stat.S_ISDIR, "directory")


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


def content_of(path, declared):
    found = read(path)
    if found is None:
        yield differs(path, "presence", "file", None)
    elif found != declared.encode():
        yield differs(path, "content", declared, found.decode(errors="replace"))


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
