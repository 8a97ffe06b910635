"""
HAProxy's counters of each container (management guide, section 9.1, "CSV format"). A slot is used again, and its counters go
on: what they said when the present container took it is kept in a file, and taken off.
"""

import contextlib
import json
import os
import time

from .files import read, replace
from .haproxy import DRAIN, MAINTENANCE, FREE

# Columns that only grow while HAProxy's process lives.
GROWING = {
    "status": {"1xx": "hrsp_1xx", "2xx": "hrsp_2xx", "3xx": "hrsp_3xx", "4xx": "hrsp_4xx", "5xx": "hrsp_5xx", "other": "hrsp_other"},
    "connectErrors": "econ",
    "responseErrors": "eresp",
    "retries": "wretr",
    "redispatches": "wredis",
    "aborted": "srv_abrt",
}
# Averages in milliseconds, each over so many of the last requests.
AVERAGES = {"connectMs": "ctime", "responseMs": "rtime"}
WINDOW = 1024
# Seconds by which two computations of the same start may differ.
SAME = 2


def counted(socket, runtime):
    """Figures of each container that has a slot; `since` is when they began, in seconds of the epoch."""
    started = runtime.started()
    begun = notes(socket)
    servers = []
    for app, slots in rows(runtime).items():
        for name, entry in runtime.servers(app).items():
            if entry["host"] == FREE or name not in slots:
                continue
            note = begun.get(app, {}).get(name, {})
            # Without a note of this container, in this process, its slot had none before it since HAProxy started.
            fits = note.get("host") == entry["host"] and abs(note["process"] - started) < SAME
            servers.append({"app": app, "container": entry["host"], **state(entry), **figures(slots[name], started, note if fits else None)})
    return servers


def begin(socket, runtime, app, slot, host):
    """A container takes a slot: what it has counted for others so far is noted."""
    row = rows(runtime).get(app, {}).get(slot)
    if row is None:
        return
    begun = notes(socket)
    note = {"host": host, "process": runtime.started(), "since": time.time(), "totals": totals(row)}
    begun.setdefault(app, {})[slot] = note
    replace(path_of(socket), json.dumps(begun, sort_keys=True).encode(), {"mode": "0644"})


def figures(row, started, note):
    now = totals(row)
    before = note["totals"] if note else {}
    own = {key: less(value, before.get(key)) for key, value in now.items()}
    requests = sum(own["status"].values())
    # An average over answers of an earlier container says nothing of this one.
    clean = sum(before.get("status", {}).values()) == 0 or requests >= WINDOW
    averages = {key: number(row, column) if clean and requests > 0 else None for key, column in AVERAGES.items()}
    since = note["since"] if note else started
    return {"since": round(since, 1), "requests": requests, "open": number(row, "scur"), **own, **averages}


def totals(row):
    return {
        key: {name: number(row, part) for name, part in column.items()} if isinstance(column, dict) else number(row, column)
        for key, column in GROWING.items()
    }


def less(now, before):
    if isinstance(now, dict):
        return {key: less(value, (before or {}).get(key)) for key, value in now.items()}
    return max(0, now - (before or 0))


def state(entry):
    if entry["admin"] & MAINTENANCE:
        word = "maintenance"
    elif entry["admin"] & DRAIN:
        word = "draining"
    else:
        word = "up" if entry["up"] else "down"
    return {"state": word, "weight": entry["weight"]}


def rows(runtime):
    """What the statistics say of applications; names with an underscore are the switch's own."""
    return {app: slots for app, slots in runtime.statistics().items() if not app.startswith("_")}


def number(row, column):
    return int(row.get(column) or 0)


def path_of(socket):
    """In the switch's own folder, which goes with it."""
    return os.path.join(os.path.dirname(os.path.dirname(socket)), "counters.json")


def notes(socket):
    with contextlib.suppress(ValueError):
        found = json.loads(read(path_of(socket)) or b"{}")
        if isinstance(found, dict):
            return found
    return {}
