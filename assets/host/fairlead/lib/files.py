"""Files and packages on this server: written when they differ, and remembered by the component that declared them."""

import contextlib
import grp
import json
import os
import pwd
import tempfile

from .apt import install_packages
from .errors import HostError, say
from .run import run

MANIFESTS = "/var/lib/fairlead"
MEBIBYTE = 1024 * 1024
NEEDED = 64


@contextlib.contextmanager
def followed(name, changes):
    """
    For what must follow {changes}, such as a restart: yields them together with earlier ones that it didn't follow, and
    notes them until the block ends well. The next update couldn't see them in content that is already the same.
    """
    note = due_note(name)
    due = sorted({*changes, *json.loads(read(note) or b"[]")})
    if due:
        os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
        replace(note, json.dumps(due).encode(), {"mode": "0600"})
    yield due
    discard(note)


def check_space(paths):
    """Refuses to begin what would stop half-way on a full disk."""
    for folder in sorted({existing(path) for path in paths}):
        state = os.statvfs(folder)
        free = state.f_bavail * state.f_frsize // MEBIBYTE
        if free < NEEDED:
            raise HostError(
                f"{folder} has only {free} MB free, {NEEDED} MB are needed; nothing was written. "
                "Make room (docker image prune --all, journalctl --vacuum-size=100M) and run the update again."
            )


def existing(path):
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def install(packages, recommended=()):
    """Installs what is missing, of {recommended} what this distribution has; returns the names."""
    if not packages:
        return []
    missing = missing_packages(packages, recommended)
    if missing:
        say("installing " + " ".join(missing))
        install_packages(missing)
    return missing


def missing_packages(packages, recommended=()):
    """Names that aren't installed; of {recommended} only what this distribution has."""
    wanted = [*packages, *recommended]
    query = run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *wanted], check=False) if wanted else None
    lines = [line.split() for line in query.stdout.splitlines()] if query else []
    present = {words[0] for words in lines if words[1:2] == ["ii"]}
    return [name for name in wanted if name not in present and (name in packages or offered(name))]


def offered(package):
    """Whether the distribution has a package of that name, according to the lists here."""
    policy = run(["apt-cache", "policy", package]).stdout
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def ensure_directory(directory):
    os.makedirs(directory["path"], exist_ok=True)
    own(directory["path"], directory)


def own(path, entry):
    user, _, group = entry.get("owner", "root:root").partition(":")
    uid = int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    gid = int(group) if group.isdigit() else grp.getgrnam(group or user).gr_gid
    os.chown(path, uid, gid)
    os.chmod(path, int(entry["mode"], 8))


def write(file):
    """Writes a file atomically when content, mode or owner differ; returns (path, old content) then."""
    path, content = file["path"], file["content"].encode()
    old = read(path)
    if old != content:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace(path, content, file)
        return path, old
    own(path, file)
    return None


def replace(path, content, entry):
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    own(temporary, entry)
    os.replace(temporary, path)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def discard(path):
    old = read(path)
    if old is None:
        return None
    os.remove(path)
    return path, old


def restore(path, old):
    if old is None:
        os.remove(path)
    else:
        replace(path, old, {"mode": "0600"} if not os.path.exists(path) else {"mode": oct(os.stat(path).st_mode & 0o7777)})


def due_note(name):
    return os.path.join(MANIFESTS, name.replace("/", "_") + ".due")


def manifest(name):
    return os.path.join(MANIFESTS, name.replace("/", "_") + ".json")


def known_files(name):
    """Paths of the files that the last declaration of this component had."""
    return json.loads(read(manifest(name)) or b"[]")


def remember(name, files=()):
    os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
    replace(manifest(name), json.dumps(sorted(file["path"] for file in files)).encode(), {"mode": "0600"})
