"""What visitors are told of disturbances: one small file on the server, written atomically."""

import contextlib
import fcntl
import json
import os
import time

from .errors import HostError
from .files import MANIFESTS, read, replace

# Seconds that an incident is kept after its end: as long as the status page looks back.
KEPT = 90 * 86400
LOCK = "/run/fairlead-incidents.lock"


def path():
    return os.path.join(MANIFESTS, "incidents.json")


def known():
    """[{id, title, apps, by, opened, closed?, notes: [{at, text}]}], the newest first; seconds of the epoch."""
    return json.loads(read(path()) or b"[]")


@contextlib.contextmanager
def changed():
    """The list, to be changed; written when the block ends well. Of two that change it at once, one is first."""
    with open(LOCK, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = known()
        before = json.dumps(found, sort_keys=True)
        yield found
        now = time.time()
        kept = [one for one in found if one["closed"] is None or now - one["closed"] < KEPT]
        kept.sort(key=lambda one: -one["opened"])
        if json.dumps(kept, sort_keys=True) != before:
            os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
            replace(path(), json.dumps(kept, sort_keys=True).encode(), {"mode": "0600"})


def begin(found, title, apps, by, text=None):
    """A new incident; its number is the next one of its day, as people say it: 2026-11-27-1."""
    now = time.time()
    day = time.strftime("%Y-%m-%d", time.gmtime(now))
    taken = {one["id"] for one in found}
    identity = next(f"{day}-{number}" for number in range(1, len(taken) + 2) if f"{day}-{number}" not in taken)
    notes = [{"at": now, "text": text}] if text else []
    one = {"id": identity, "title": title, "apps": sorted(apps), "by": by, "opened": now, "closed": None, "notes": notes}
    found.append(one)
    return one


def add(found, identity, text, close=False):
    one = next((one for one in found if one["id"] == identity), None)
    if one is None:
        raise HostError(f"there is no incident {identity}; known: {', '.join(one['id'] for one in found) or 'none'}")
    if close and one["closed"] is not None:
        raise HostError(f"incident {identity} is closed already")
    if text:
        one["notes"].append({"at": time.time(), "text": text})
    if close:
        one["closed"] = time.time()
    return one


def follow(found, firing):
    """
    Alerts about applications open an incident each, and close it when they no longer fire. {firing}: {app: words}. What a
    person has opened stays theirs.
    """
    mine = {one["apps"][0]: one for one in found if one["by"] == "monitoring" and one["closed"] is None}
    for app, words in sorted(firing.items()):
        if app not in mine:
            begin(found, words, [app], "monitoring", "Noticed by monitoring.")
    for app, one in mine.items():
        if app not in firing:
            add(found, one["id"], "It no longer shows.", close=True)
