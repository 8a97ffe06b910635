"""The page for visitors: how the services are, how the last days were, what happened. It needs no Prometheus to be drawn."""

import contextlib
import os
import time

from . import incidents, uptime
from .counters import counted
from .errors import HostError
from .files import replace
from .haproxy import runtime_of
from .pages.status import status_page


def draw(status, prometheus):
    """
    {status}: {folder, title, socket, queries, services: [{app, title, objective}]}; {prometheus} makes a client of it. How the
    services are is asked from the traffic switch itself: visitors come through it, and it answers without Prometheus.
    """
    now = time.time()
    with incidents.changed() as found:
        with contextlib.suppress(HostError):
            incidents.follow(found, disturbances(status, prometheus()))
        happened = list(found)
    days, states = uptime.present(prometheus, status["queries"], now), serving(status)
    services = [
        {**one, "state": state_of(one["app"], states, happened), "days": uptime.of_app(days, one["app"], int(now // uptime.DAY))}
        for one in status["services"]
    ]
    os.makedirs(status["folder"], mode=0o755, exist_ok=True)
    html = status_page(status["title"], services, happened, now)
    replace(os.path.join(status["folder"], "index.html"), html.encode(), {"mode": "0644"})


def disturbances(status, server):
    """{app: words} of critical alerts about a service; the alert's own words are for who runs it."""
    titles = {one["app"]: one["title"] for one in status["services"]}
    firing = [one for one in server.alerts() if one["state"] == "firing" and one["severity"] == "critical" and one["app"] in titles]
    return {one["app"]: f"{titles[one['app']]} is disturbed" for one in firing}


def serving(status):
    """{app: whether a container with traffic is up}; None where the switch doesn't answer, without which nothing is served."""
    try:
        servers = counted(status["socket"], runtime_of(status["socket"]))
    except HostError:
        return None
    return {app: any(one["app"] == app and one["weight"] > 0 and one["state"] == "up" for one in servers) for app in {one["app"] for one in servers}}


def state_of(app, states, found):
    if states is None or not states.get(app, False):
        return "down"
    return "disturbed" if any(one["closed"] is None and app in one["apps"] for one in found) else "up"
