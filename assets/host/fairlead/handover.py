"""The processes of an application that no visitor reaches: the old ones hand over to their successors (decision 0040)."""

from .lib.handover import handed_over, look_at


def apply(spec):
    """Input: {app, handover: {system, processes: [{name, release, containers, pids, within, succeeds, http?}]}}; seconds."""
    with handed_over(spec["app"], spec["handover"]):
        pass


def look(spec):
    return look_at(spec["app"], spec["handover"])
