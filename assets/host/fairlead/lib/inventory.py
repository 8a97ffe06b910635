"""The containers of the stack on this server, each with what it is, how it is, and its memory."""

import concurrent.futures
import contextlib
import datetime
import json

from .cgroups import usage
from .engine import ask
from .errors import HostError
from .live import notes

FILTER = {"label": ["managed-by=fairlead"]}
# Requests to the engine at the same time.
TOGETHER = 4


def containers():
    """{list: [{name, system, service, process?, task?, release?, state, health?, …}]}; times in seconds of the epoch, bytes."""
    restarted = notes()
    names = [one["Id"] for one in ask("GET", "/containers/json", {"all": 1, "filters": json.dumps(FILTER)})]
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        found = [one for one in pool.map(container, names) if one]
    for one in found:
        one["liveRestarts"] = restarted.get(one["name"], {}).get("restarts", 0)
    return {"list": sorted(found, key=lambda one: one["name"])}


def container(identity):
    """None of one that has gone meanwhile."""
    with contextlib.suppress(HostError):
        found = ask("GET", f"/containers/{identity}/json")
        used, busy = usage(found) if found["State"]["Running"] else (None, None)
        return {**described(found, used), "cpu": busy}
    return None


def described(found, used):
    labels, state = found["Config"].get("Labels") or {}, found["State"]
    environment = dict(entry.partition("=")[::2] for entry in found["Config"].get("Env") or [])
    health = (state.get("Health") or {}).get("Status")
    return {
        "name": found["Name"].lstrip("/"),
        "system": labels.get("app"),
        "service": labels.get("service"),
        "process": labels.get("process"),
        "task": labels.get("task"),
        "release": environment.get("RELEASE"),
        "state": state["Status"],
        "health": health if health not in ("", "none") else None,
        "created": epoch(found["Created"]),
        "started": epoch(state["StartedAt"]),
        "exitCode": state["ExitCode"],
        "killed": bool(state.get("OOMKilled")),
        "restarts": found["RestartCount"],
        "memory": used,
        "limit": found["HostConfig"].get("Memory") or None,
    }


def epoch(moment):
    """RFC 3339 with nanoseconds, UTC; None of what never was, which Docker gives the year 1."""
    if moment.startswith("0001-"):
        return None
    return datetime.datetime.fromisoformat(moment[:19] + "+00:00").timestamp()
