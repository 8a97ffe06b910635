"""Incidents, by hand: what the status page tells visitors."""

from . import dashboards
from .lib import incidents


def begin(spec):
    """Input: {title, apps, text?}. Returns the incident."""
    with incidents.changed() as found:
        one = incidents.begin(found, spec["title"], spec["apps"], "hand", spec.get("text"))
    return told(one)


def note(spec):
    """Input: {id, text}. Adds words to an incident, also to a closed one."""
    with incidents.changed() as found:
        one = incidents.add(found, spec["id"], spec["text"])
    return told(one)


def close(spec):
    """Input: {id, text?}."""
    with incidents.changed() as found:
        one = incidents.add(found, spec["id"], spec.get("text"), close=True)
    return told(one)


def look(_spec):
    return {"incidents": incidents.known()}


def told(one):
    """Visitors see it at once; `page` says whether there is a page."""
    return {"incident": one, "page": dashboards.draw_status()}
