"""The dashboards of a stack as pages: asked from Prometheus, drawn, written as files. The edge serves them; no Grafana needed."""

import contextlib
import json
import os
import time

from .lib import public_page
from .lib.errors import HostError
from .lib.files import discard, read, replace
from .lib.pages.asking import results_of
from .lib.pages.page import dashboard_page
from .lib.prometheus import Prometheus

SETTINGS = "/etc/fairlead/dashboards.json"
HOUR, DAY = 3600, 86400
# What each view shows: (name, end of its file, seconds, seconds after which it is drawn anew).
VIEWS = (("last hour", "", HOUR, 300), ("last day", ".day", DAY, 1800), ("15 days", ".15-days", 15 * DAY, 4 * HOUR))
# The same for the first page, at which people look most.
FIRST = 60
# Samples of a line.
SAMPLES = 120
# Seconds between two samples, at least: Prometheus' own scrapes are not closer.
CLOSEST = 15


def draw(_spec):
    """
    Input: {}. What the timer does: every page that is due, by SETTINGS: {container, folder?, dashboards, status?}. Returns {drawn}.
    """
    spec, now = settings(), time.time()
    drawn = []
    if "status" in spec:
        public_page.draw(spec["status"], lambda: Prometheus(spec["container"]))
        drawn.append(spec["status"]["folder"])
    if "folder" not in spec:
        return {"drawn": drawn}
    server = Prometheus(spec["container"])
    # One that doesn't answer leaves the pages of before, with the time at which they were drawn.
    server.now("1")
    os.makedirs(spec["folder"], mode=0o755, exist_ok=True)
    for name, text in pages(spec, server, now, lambda name, every: is_due(spec, name, every, now)):
        write(spec, name, text)
        drawn.append(name)
    tidy(spec)
    return {"drawn": drawn}


def show(spec):
    """Input: {page?, view?}. One page as text: {title, html}; the first dashboard and its last hour without a word."""
    known = settings()
    wanted = spec.get("page", known["dashboards"][0]["uid"])
    view = next((one for one in VIEWS if one[0] == spec.get("view", VIEWS[0][0])), None)
    if view is None:
        raise HostError(f"there is no view {spec['view']!r}; known: {', '.join(name for name, *_ in VIEWS)}")
    fitting = [one for one in known["dashboards"] if wanted in (one["uid"], one["title"]) or one["uid"].endswith(f"-{wanted}")]
    if not fitting:
        raise HostError(f"there is no dashboard {wanted!r}; known: {', '.join(one['uid'] for one in known['dashboards'])}")
    # An application may be called like one of the others: `shop-host` comes before `shop-app-host`.
    dashboard = min(fitting, key=lambda one: len(one["uid"]))
    html = page(dashboard, view, known, Prometheus(known["container"]), time.time())
    return {"title": dashboard["title"], "html": html}


def draw_status():
    """The page for visitors, at once. Whether there is one."""
    spec = json.loads(read(SETTINGS) or b"{}")
    if "status" not in spec:
        return False
    public_page.draw(spec["status"], lambda: Prometheus(spec["container"]))
    return True


def settings():
    text = read(SETTINGS)
    if text is None:
        raise HostError(f"this stack draws no dashboards: {SETTINGS} is missing")
    return json.loads(text)


def pages(spec, server, now, due):
    """(name of its file, HTML) of each page that is due."""
    for dashboard in spec["dashboards"]:
        for view in VIEWS:
            name, first = file_of(dashboard, view), dashboard is spec["dashboards"][0] and view is VIEWS[0]
            if due(name, FIRST if first else view[3]):
                yield name, page(dashboard, view, spec, server, now)


def page(dashboard, view, spec, server, now):
    name, _, seconds, _ = view
    step = max(CLOSEST, seconds // SAMPLES)
    # On whole steps, so that a line doesn't dance from page to page.
    last = now // step * step
    span = (last - seconds, last, step)
    return dashboard_page(
        dashboard,
        results_of(dashboard, server, span),
        {
            "span": span,
            "name": name,
            "views": [(one[0], file_of(dashboard, one)) for one in VIEWS],
            "here": file_of(dashboard, VIEWS[0]),
            # The system's name stands above.
            "pages": [(one["title"].partition(" - ")[2] or one["title"], file_of(one, VIEWS[0])) for one in spec["dashboards"]],
        },
    )


def file_of(dashboard, view):
    return f"{dashboard['uid']}{view[1]}.html"


def is_due(spec, name, every, now):
    """A little early rather than a whole turn late; and when something else is declared than was drawn."""
    with contextlib.suppress(FileNotFoundError):
        drawn = os.stat(os.path.join(spec["folder"], name)).st_mtime
        return now - drawn > every - 10 or drawn < os.stat(SETTINGS).st_mtime
    return True


def write(spec, name, text):
    replace(os.path.join(spec["folder"], name), text.encode(), {"mode": "0644"})


def tidy(spec):
    """The address without a name leads to the first page; pages of what is no longer declared go."""
    kept = {file_of(dashboard, view) for dashboard in spec["dashboards"] for view in VIEWS}
    first = read(os.path.join(spec["folder"], file_of(spec["dashboards"][0], VIEWS[0])))
    write(spec, "index.html", first.decode())
    for name in os.listdir(spec["folder"]):
        if name.endswith(".html") and name not in {*kept, "index.html"}:
            discard(os.path.join(spec["folder"], name))
