"""Nginx's configuration: tested by the real binary in a folder of its own before it replaces the running one."""

import os
import shutil
import stat

from .errors import HostError
from .files import read, replace
from .gate import is_running
from .run import run

INSIDE = "/etc/fairlead"


def edge(spec):
    """
    Input: {directory, container, image, mounts: {host path: container path}, writable: [host path], tmpfs: [path],
    files: {relative path: content}}.
    """
    following, live = (os.path.join(spec["directory"], name) for name in ("next", "live"))
    if content(live) == spec["files"] and not list(closed(live)):
        return {"changed": False}
    shutil.rmtree(following, ignore_errors=True)
    for name, text in spec["files"].items():
        path = os.path.join(following, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace(path, text.encode(), {"mode": "0644"})
    test(spec)
    previous = os.path.join(spec["directory"], "previous")
    shutil.rmtree(previous, ignore_errors=True)
    if os.path.exists(live):
        os.rename(live, previous)
    os.rename(following, live)
    if is_running(spec["container"]):
        try:
            run(["docker", "exec", spec["container"], "nginx", "-c", f"{INSIDE}/live/nginx.conf", "-s", "reload"])
        except HostError as error:
            # A later update must see that these have not been read.
            os.rename(live, following)
            if os.path.exists(previous):
                os.rename(previous, live)
            raise HostError(f"Nginx was not reloaded, the old configuration stays; run the same update again: {error}") from error
    return {"changed": True}


def content(folder):
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            found[os.path.relpath(path, folder)] = read(path).decode()
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
