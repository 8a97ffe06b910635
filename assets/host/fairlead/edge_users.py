"""
Files of users for Nginx's basic authentication: each password as a salted hash (SHA-512 crypt). Nginx reads a file at each
request, so nothing has to be reloaded.
"""

import hmac
import os
import secrets
import shutil
import stat
import string

from .lib import differences
from .lib.differences import differs
from .lib.files import ensure_directory, read, write
from .lib.run import run

SALT = "./" + string.ascii_letters + string.digits


def apply(spec):
    """Input: {directory, group, files: {name: {user: password}}}. A hash that fits its password stays as it is."""
    os.makedirs(spec["directory"], exist_ok=True)
    ensure_directory(folder_of(spec))
    for name in os.listdir(spec["directory"]):
        if name not in spec["files"]:
            os.remove(os.path.join(spec["directory"], name))
    written = []
    for name, users in sorted(spec["files"].items()):
        file = file_of(spec, name)
        known = hashes(file["path"])
        lines = [f"{user}:{hashed(password, known.get(user))}\n" for user, password in sorted(users.items())]
        if write({**file, "content": "".join(lines)}):
            written.append(name)
    return {"files": written}


def remove(spec):
    shutil.rmtree(spec["directory"], ignore_errors=True)


def look(spec):
    """Files with the declared users and no others, each with a hash of its password, open to Nginx's workers alone."""
    yield from differences.directory(folder_of(spec))
    for name, users in sorted(spec["files"].items()):
        file = file_of(spec, name)
        yield from differences.place(file, stat.S_ISREG, "file")
        known = hashes(file["path"])
        if sorted(known) != sorted(users):
            yield differs(file["path"], "users", " ".join(sorted(users)), " ".join(sorted(known)))
        for user in sorted(set(known) & set(users)):
            if not fits(users[user], known[user]):
                yield differs(f"{file['path']} user {user}", "password", "declared", "another")
    found = os.listdir(spec["directory"]) if os.path.isdir(spec["directory"]) else []
    for name in sorted(set(found) - set(spec["files"])):
        yield differs(os.path.join(spec["directory"], name), "presence", None, "file")


def folder_of(spec):
    return {"path": spec["directory"], "mode": "0750", "owner": f"0:{spec['group']}"}


def file_of(spec, name):
    return {"path": os.path.join(spec["directory"], name), "mode": "0640", "owner": f"0:{spec['group']}"}


def hashes(path):
    """What a file has: user → hash."""
    text = (read(path) or b"").decode(errors="replace")
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def hashed(password, known):
    return known if known and fits(password, known) else crypt(password, "".join(secrets.choice(SALT) for _ in range(16)))


def fits(password, known):
    parts = known.split("$")
    return len(parts) == 4 and parts[1] == "6" and hmac.compare_digest(crypt(password, parts[2]), known)


def crypt(password, salt):
    """Python has no `crypt` of its own any more (PEP 594). The password is in no argument."""
    return run(["openssl", "passwd", "-6", "-salt", salt, "-stdin"], stdin=password + "\n").stdout.strip()
