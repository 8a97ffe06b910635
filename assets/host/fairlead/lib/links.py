"""Symbolic links as declared: {path, target}. One stays when its component goes: what stood there before isn't known."""

import os

from .differences import differs


def apply(links):
    for link in links:
        point(link["path"], link["target"])


def point(path, target):
    """Makes the link in one step; True when it was another one, or none."""
    if os.path.islink(path) and os.readlink(path) == target:
        return False
    following = path + ".next"
    if os.path.lexists(following):
        os.remove(following)
    os.symlink(target, following)
    os.replace(following, path)
    return True


def look(links):
    for link in links:
        found = os.readlink(link["path"]) if os.path.islink(link["path"]) else None
        if found != link["target"]:
            yield differs(link["path"], "target", link["target"], found)
