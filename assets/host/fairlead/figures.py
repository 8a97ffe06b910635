"""What the traffic switch knows of the releases: what each has answered, how, and how quickly. Only looks."""

from .lib.counters import counted
from .lib.haproxy import runtime_of


def look(spec):
    """
    Input: {socket}: HAProxy's runtime API. Returns {servers: [{app, container, weight, state, since, requests, status, …}]},
    one for each container that has a place at the switch (lib/counters.py).
    """
    return {"servers": counted(spec["socket"], runtime_of(spec["socket"]))}
