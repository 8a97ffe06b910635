"""The questions of a dashboard, asked; what can't be asked is said in its place."""

import concurrent.futures
import math
import re

from ..errors import HostError

# Questions at the same time: a small server has other work.
TOGETHER = 2


def results_of(dashboard, server, span):
    """{panel's id: [{name, points: [(seconds, value)]}] or {unseen}}, and the marks of `annotations`."""
    panels = [panel for section in dashboard["sections"] for panel in section["panels"]]
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        asked = {panel["id"]: pool.submit(series_of, panel, server, span) for panel in panels}
        marks = pool.submit(marks_of, dashboard.get("annotations"), server, span)
        return {**{name: future.result() for name, future in asked.items()}, "annotations": marks.result()}


def series_of(panel, server, span):
    try:
        found = []
        for query in panel["queries"]:
            rows = over_time(server, query["expr"], span) if panel["kind"] in ("line", "area") else at_the_end(server, query["expr"], span)
            found += [{"name": named(query["legend"], labels), "points": points} for labels, points in rows if points]
        return sorted_by_size(found) if panel["kind"] == "area" else found
    except HostError as error:
        return {"unseen": str(error)}


def over_time(server, expr, span):
    first, last, step = span
    for row in server.ask("query_range", query=expr, start=first, end=last, step=step)["result"]:
        yield row["metric"], [point for point in map(number, row["values"]) if math.isfinite(point[1])]


def at_the_end(server, expr, span):
    found = server.ask("query", query=expr, time=span[1])
    rows = found["result"] if found["resultType"] == "vector" else [{"metric": {}, "value": found["result"]}]
    for row in rows:
        yield row["metric"], [point for point in [number(row["value"])] if math.isfinite(point[1])]


def number(sample):
    return float(sample[0]), float(sample[1])


def marks_of(annotations, server, span):
    """[(seconds, words)], each once; without them a picture is as good."""
    if not annotations:
        return []
    try:
        rows = list(over_time(server, annotations["expr"], span))
    except HostError:
        return []
    title, legend = annotations["title"], annotations["legend"]
    return sorted({(value, f"{title}: {named(legend, labels)}") for labels, points in rows for _, value in points})


def named(legend, labels):
    """`{{app}} objective` with the values of labels, as Grafana writes them."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found.group(1), ""), legend).strip()


def sorted_by_size(series):
    """The largest at the bottom of a stack."""
    return sorted(series, key=lambda one: -sum(value for _, value in one["points"]) / len(one["points"]))
