"""A container of the infrastructure behind its gate: healthy, and with its limit of processes (decision 0007)."""

from .lib.gate import gate, limit_differs


def apply(spec):
    """Input: {container, within, pids}. Seconds; `id` is only there to run it again for a new container."""
    gate(spec)


def look(spec):
    yield from limit_differs(spec["container"], spec["pids"])
