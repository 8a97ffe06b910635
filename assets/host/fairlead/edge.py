"""Nginx's configuration: tested by the real binary in a folder of its own before it replaces the running one."""

import hashlib
import json
import os
import shutil
import stat

from .lib import nginx
from .lib.differences import content_of, differs
from .lib.errors import HostError, say
from .lib.files import read, replace
from .lib.gate import is_running
from .lib.mounts import condition, replaced_folders
from .lib.run import run
from .lib.visitors import asked_for, drop

INSIDE = "/etc/fairlead"


def apply(spec):
    """
    Input: {directory, container, image, oldProcesses, mounts: {host path: container path}, writable: [host path], tmpfs: [path],
    files: {relative path: content}}.

    The state of folder and container doesn't matter: afterwards the files are the declared ones, and a container that
    stays has read them. One that can't reload is started again.
    """
    following, live = (os.path.join(spec["directory"], name) for name in ("next", "live"))
    if content(live) == spec["files"] and not list(closed(live)):
        restarted = remount(spec) or (not is_read(spec) and reread(spec))
        settle(spec)
        return {"changed": False, "restarted": restarted}
    discard(following)
    for name, text in spec["files"].items():
        path = os.path.join(following, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace(path, text.encode(), {"mode": "0644"})
    test(spec)
    previous = os.path.join(spec["directory"], "previous")
    discard(previous)
    discard(note_of(spec))
    if os.path.lexists(live):
        os.rename(live, previous)
    os.rename(following, live)
    try:
        restarted = remount(spec) or reread(spec)
    except HostError as error:
        # A later update must see that these have not been read.
        os.rename(live, following)
        if os.path.lexists(previous):
            os.rename(previous, live)
        raise HostError(f"Nginx was not reloaded, the old configuration stays; run the same update again: {error}") from error
    settle(spec)
    return {"changed": True, "restarted": restarted}


def note_of(spec):
    """The note of which files the running Nginx has read: whoever is killed between files and reload leaves none."""
    return os.path.join(spec["directory"], "read")


def digest_of(spec):
    return hashlib.sha256(json.dumps(spec["files"], sort_keys=True).encode()).hexdigest()


def is_read(spec):
    return (read(note_of(spec)) or b"").decode(errors="replace") == digest_of(spec)


def settle(spec):
    """The running Nginx has read the files: what only those of before asked for goes."""
    note_read(spec)
    drop(os.path.join(spec["directory"], "users"), asked_for(spec["files"].values()))


def note_read(spec):
    if not is_read(spec):
        discard(note_of(spec))
        replace(note_of(spec), digest_of(spec).encode(), {"mode": "0644"})


def look(spec):
    """Nginx's files in the live folder, no more and no less, open to its workers, and in a folder that it still has."""
    for path in stale(spec):
        yield differs(f"container {spec['container']}", "folder", path, "a deleted one")
    live = os.path.join(spec["directory"], "live")
    for name, text in sorted(spec["files"].items()):
        yield from content_of(os.path.join(live, name), text)
    for base, _, found in os.walk(live):
        for path in sorted(os.path.join(base, name) for name in found):
            if os.path.relpath(path, live) not in spec["files"]:
                yield differs(path, "presence", None, "file")
    if not is_read(spec):
        yield differs(f"container {spec['container']}", "configuration", "read", "not read")
    for path, wanted, mode in closed(live):
        yield differs(path, "mode", f"{wanted:04o}", f"{mode:04o}")


def reread(spec):
    """Has a running Nginx read the files. True when it took a restart: the real binary accepts them, so it isn't they."""
    container = spec["container"]
    state = condition(container)
    if state and state["State"].get("Paused"):
        run(["docker", "unpause", container])
    if not is_running(container) or outgoing(spec, state):
        return False
    try:
        nginx.reload(container, spec["oldProcesses"])
        return False
    except nginx.NotTaken:
        # It would not start either, and now it serves.
        raise
    except HostError as error:
        say(f"{container} doesn't reload and is started again: {error}")
        run(["docker", "restart", container])
        return True


def remount(spec):
    """
    A folder that was deleted and made again is another folder, and a running container still has the old one: then it is
    started again. True when it was.
    """
    if not list(stale(spec)):
        return False
    say(f"{spec['container']} still has deleted folders, and is started again")
    run(["docker", "restart", spec["container"]])
    return True


def stale(spec):
    """Folders that the running container has no more as the server has them: paths on the server."""
    found = condition(spec["container"])
    if found and not outgoing(spec, found):
        yield from replaced_folders(found, spec["mounts"])


def outgoing(spec, found):
    """Whether this update makes the container anew: then the present one needn't read the files, and may not understand them."""
    if not found:
        return False
    mounted = {mount["Source"]: mount["Destination"] for mount in found.get("Mounts", [])}
    image = run(["docker", "image", "inspect", "-f", "{{.Id}}", spec["image"]], check=False).stdout.strip()
    return any(mounted.get(host) != inside for host, inside in spec["mounts"].items()) or image not in ("", found["Image"])


def discard(path):
    """Removes what is there: the folder, or what was put in its place."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def content(folder):
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            found[os.path.relpath(path, folder)] = (read(path) or b"").decode(errors="surrogateescape")
    return found


def closed(folder):
    """What Nginx' workers, who aren't root, may not read, or others may change: (path, wanted mode, its mode)."""
    for base, _, names in os.walk(folder):
        for path, wanted in [(base, 0o755), *((os.path.join(base, name), 0o644) for name in names)]:
            found = stat.S_IMODE(os.lstat(path).st_mode)
            if found != wanted:
                yield path, wanted, found


def test(spec):
    """In a container such as they will run in: the one that runs may have another image, and no folder for a cache."""
    modes = {host: "rw" if host in spec["writable"] else "ro" for host in spec["mounts"]}
    mounts = [part for host, inside in sorted(spec["mounts"].items()) for part in ("-v", f"{host}:{inside}:{modes[host]}")]
    tmpfs = [part for path in spec["tmpfs"] for part in ("--tmpfs", path)]
    options = ["--rm", "--read-only", *tmpfs, "--network", "none", "--entrypoint", "nginx"]
    command = ["docker", "run", *options, *mounts, spec["image"], "-t", "-q", "-c", f"{INSIDE}/next/nginx.conf"]
    try:
        run(command)
    except HostError as error:
        raise HostError(f"Nginx refuses the new configuration, the old one stays: {error}") from error
