"""The host tools themselves, which bootstrap.sh brings: {name: content}."""

import json
import os

from .lib.differences import content_of, differs
from .owner import MARKER, marker

FOLDER = "/usr/local/lib/fairlead/fairlead"
CLAIM = "claim.json"
# What comes along with the tools and stands elsewhere.
ELSEWHERE = {
    "bootstrap.sh": "/usr/local/sbin/fairlead-bootstrap",
    "fairlead-rollback.service": "/etc/systemd/system/fairlead-rollback.service",
}


def look(files):
    """Every file of the tools, no more and no less, and whom the server belongs to."""
    for name, content in sorted(files.items()):
        if name == CLAIM:
            yield from owner(json.loads(content))
            continue
        yield from content_of(ELSEWHERE.get(name) or os.path.join(FOLDER, name), content)
    for base, _, names in sorted(os.walk(FOLDER)):
        for path in sorted(os.path.join(base, name) for name in names):
            if path.endswith(".py") and os.path.relpath(path, FOLDER) not in files:
                yield differs(path, "presence", None, "there")


def owner(claim):
    known = marker() or {}
    found = None if known.get("free") else known.get("id")
    if found != claim["id"]:
        yield differs(MARKER, "owner", claim["id"], found)
