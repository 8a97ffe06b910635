"""
How each day went, from the recorded rules. Prometheus forgets after some weeks, a status page shows 90 days: so each day is
noted once it is over.
"""

import json
import os

from .errors import HostError
from .files import MANIFESTS, read, replace

DAY = 86400
SHOWN = 90
# Days that are asked for where no note has them, if Prometheus still knows them.
ASKED = 15


def path():
    return os.path.join(MANIFESTS, "uptime.json")


def known():
    """{day: {over, apps: {app: {up, requests, errors}}}}: day as days of the epoch, `up` the share of its time."""
    return json.loads(read(path()) or b"{}")


def noted(server, queries, now):
    """The same, with what Prometheus adds: today as far as it has gone, and days that were not over when they were noted."""
    days, today = known(), int(now // DAY)
    for day in range(today - ASKED + 1, today + 1):
        if not days.get(str(day), {}).get("over"):
            days[str(day)] = {"over": day < today, "apps": asked(server, queries, day * DAY, min(now, (day + 1) * DAY))}
    kept = {day: entry for day, entry in days.items() if int(day) > today - SHOWN}
    os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
    replace(path(), json.dumps(kept, sort_keys=True).encode(), {"mode": "0600"})
    return kept


def asked(server, queries, first, last):
    """Requests and errors are numbers of them."""
    seconds = max(60, round(last - first))
    apps = {}
    for name, factor in (("up", 1), ("requests", seconds), ("errors", seconds)):
        rows = server.ask("query", query=f"avg by (app) (avg_over_time({queries[name]}[{seconds}s]))", time=last)["result"]
        for row in rows:
            apps.setdefault(row["metric"].get("app", ""), {})[name] = float(row["value"][1]) * factor
    return apps


def of_app(days, app, today):
    """[(day, {up, requests, errors} or None)] of the days that are shown, the oldest first."""
    return [(day, days.get(str(day), {}).get("apps", {}).get(app)) for day in range(today - SHOWN + 1, today + 1)]


def totals(days):
    """(share of the time up, share of requests that did not fail) over days that are known; None where nothing is."""
    found = [one for _, one in days if one]
    ups = [one["up"] for one in found if "up" in one]
    requests = sum(one.get("requests", 0) for one in found)
    errors = sum(one.get("errors", 0) for one in found)
    return sum(ups) / len(ups) if ups else None, 1 - errors / requests if requests > 0 else None


def present(server, queries, now):
    """What is noted, where Prometheus doesn't answer."""
    try:
        return noted(server(), queries, now)
    except HostError:
        return known()
