"""The containers of the stack on this server, each with what it is, how it is, and its memory."""

import concurrent.futures
import contextlib
import datetime
import json

from .engine import ask
from .errors import HostError
from .live import notes

FILTER = {"label": ["managed-by=fairlead"]}
# Requests to the engine at the same time.
TOGETHER = 4


def containers(usage=None):
    """{list: [{name, system, service, process?, task?, release?, state, health?, …}]}; times in seconds of the epoch, bytes."""
    restarted = notes()
    names = [one["Id"] for one in ask("GET", "/containers/json", {"all": 1, "filters": json.dumps(FILTER)})]
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        found = [one for one in pool.map(lambda name: container(name, usage), names) if one]
    for one in found:
        one["liveRestarts"] = restarted.get(one["name"], {}).get("restarts", 0)
    return {"list": sorted(found, key=lambda one: one["name"])}


def container(identity, usage=None):
    """None of one that has gone meanwhile. {usage} tells memory and processor time by what `docker inspect` shows; the engine's own statistics when absent."""
    with contextlib.suppress(HostError):
        found = ask("GET", f"/containers/{identity}/json")
        running = found["State"]["Running"]
        used, busy = (usage(found) if usage else usage_of(identity)) if running else (None, None)
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


def usage_of(identity):
    """
    Memory that can't be given back at once, as `docker stats` counts it: without files that the kernel merely keeps (docker/cli,
    calculateMemUsageUnixNoCache); and seconds of processors since the start. None where the engine doesn't know.
    """
    stats = ask("GET", f"/containers/{identity}/stats", {"stream": 0, "one-shot": 1})
    busy = ((stats.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage")
    return memory_of(stats.get("memory_stats") or {}), None if busy is None else busy / 1e9


def memory_of(stats):
    if "usage" not in stats:
        return None
    kept = stats.get("stats") or {}
    # cgroup v1 and v2.
    spare = kept.get("total_inactive_file", kept.get("inactive_file", 0))
    return stats["usage"] - spare if spare < stats["usage"] else stats["usage"]


def epoch(moment):
    """RFC 3339 with nanoseconds, UTC; None of what never was, which Docker gives the year 1."""
    if moment.startswith("0001-"):
        return None
    return datetime.datetime.fromisoformat(moment[:19] + "+00:00").timestamp()
