"""What the traffic switch knows of the releases: what each has answered, how, and how quickly. Only looks."""

from .lib.counters import counted
from .lib.haproxy import runtime_of
from .lib.live import notes


def look(spec):
    """
    Input: {socket}: HAProxy's runtime API. Returns {servers: [{app, container, weight, state, since, requests, status, …}]},
    one for each container that has a place at the switch (lib/counters.py). `restarts` are those of its live check.
    """
    restarted = notes()
    servers = counted(spec["socket"], runtime_of(spec["socket"]))
    return {"servers": [{**one, "restarts": restarted.get(one["container"], {}).get("restarts", 0)} for one in servers]}
