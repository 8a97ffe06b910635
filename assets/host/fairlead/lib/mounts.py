"""Folders of the server in a running container: one that was deleted and made again is another one there."""

import json
import os

from .run import run


def condition(container):
    """The container as Docker shows it; None for one that isn't there."""
    result = run(["docker", "inspect", "--type", "container", container], check=False)
    return json.loads(result.stdout or "[null]")[0] if result.returncode == 0 else None


def replaced_folders(found, mounts):
    """Paths on the server where a running container still has another folder; {mounts} is {path on the server: path in it}."""
    if not found or not found["State"]["Running"]:
        return
    root = f"/proc/{found['State']['Pid']}/root"
    for host, inside in sorted(mounts.items()):
        if identity(host) != identity(root + inside):
            yield host


def identity(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
