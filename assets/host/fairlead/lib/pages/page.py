"""A page: its head, the way to the others, and its sections of panels."""

import os
import time
from html import escape

from . import parts
from .chart import chart

# Seconds after which a browser asks again, at least: pages are not drawn more often.
REFRESH = 60
FOLDER = os.path.dirname(os.path.abspath(__file__))


def dashboard_page(dashboard, results, view):
    """
    {results}: {panel's id: its series, or {unseen: why}} and {annotations: [(seconds, words)]}.
    {view}: {span: (first, last, step), name, here: address of this dashboard, views: [(name, address)], pages: [(title, address)]}.
    """
    marks = results.get("annotations", [])
    body = []
    for section in dashboard["sections"]:
        panels = "\n".join(panel_of(one, results.get(one["id"], []), view["span"], marks) for one in section["panels"])
        body.append(f"<section><h2>{escape(section['title'])}</h2>\n<div class=\"panels\">\n{panels}\n</div></section>")
    views = "".join(link(name, address, name == view["name"]) for name, address in view["views"])
    head = f'<p>{escape(dashboard["description"])}</p><nav class="views" aria-label="Time">{views}</nav>'
    return whole(dashboard["title"], head + "\n" + "\n".join(body), view["pages"], view["here"], view["span"][1], max(REFRESH, dashboard["refresh"]))


def panel_of(panel, series, span, marks):
    """One that could not be asked says why, in its own place."""
    head = f'<h3 id="{panel["id"]}">{escape(panel["title"])}</h3>'
    if isinstance(series, dict):
        body = f'<p class="none">not asked: {escape(series["unseen"])}</p>'
    elif panel["kind"] == "stat":
        body = parts.stat(panel, series)
    elif panel["kind"] == "table":
        body = parts.table(panel, series)
    else:
        body = chart(panel, series, span, marks) + parts.legend(panel, series)
    about = f'<p class="about">{escape(panel["description"])}</p>'
    return f'<article class="w{panel["width"]} {panel["kind"]}" aria-labelledby="{panel["id"]}">{head}{body}{about}</article>'


def link(title, address, here):
    current = ' aria-current="page"' if here else ""
    return f'<a href="{escape(address)}"{current}>{escape(title)}</a>'


def whole(title, body, pages, here, moment, refresh):
    """Everything in one file: no address of another server is in it, and no script."""
    with open(os.path.join(FOLDER, "page.css"), encoding="utf-8") as file:
        style = file.read()
    others = "".join(link(name, address, address == here) for name, address in pages)
    drawn = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(moment))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="{refresh}">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{escape(title)}</h1><p class="drawn">Drawn <time datetime="{drawn[:10]}T{drawn[11:19]}Z">{drawn}</time></p>
<nav aria-label="Pages">{others}</nav></header>
<main>
{body}
</main>
</body>
</html>
"""
