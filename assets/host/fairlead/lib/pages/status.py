"""The page that tells visitors how the services are, how the last 90 days were, and what happened."""

import time
from html import escape

from .. import uptime
from .numbers import share
from .page import whole

# State of a service: (colour, what is said of it, what is said at the top).
STATES = {
    "up": ("green", "available", "All services are available."),
    "disturbed": ("yellow", "disturbed", "Some services are disturbed."),
    "down": ("red", "not available", "Some services are not available."),
}
WORST = ("down", "disturbed", "up")
# Shares of a day below which it counts as disturbed, or as bad.
BAD = 0.99


def status_page(title, services, incidents, now, refresh=60):
    """{services}: [{app, title, state, objective, days}], {incidents}: as lib/incidents.py has them."""
    worst = next(state for state in WORST if state == "up" or any(one["state"] == state for one in services))
    colour, _, words = STATES[worst]
    titles = {one["app"]: one["title"] for one in services}
    current = [one for one in incidents if one["closed"] is None]
    past = [one for one in incidents if one["closed"] is not None]
    body = [
        f'<article class="banner {colour}" role="status"><h2>{escape(words)}</h2></article>',
        *([section("Now", [incident(one, titles) for one in current])] if current else []),
        section("Services", [service(one) for one in services]),
        section("Earlier incidents", [incident(one, titles) for one in past] or ["<p>None in the last 90 days.</p>"]),
    ]
    return whole(title, "\n".join(body), [], "", now, refresh)


def section(title, parts):
    return f"<section><h2>{title}</h2>\n" + "\n".join(parts) + "</section>"


def service(one):
    colour, words, _ = STATES[one["state"]]
    up, answered = uptime.totals(one["days"])
    facts = [f"{share(up)} up" if up is not None else "", f"{share(answered)} of requests answered" if answered is not None else ""]
    said = ", ".join(fact for fact in facts if fact)
    known = sum(1 for _, day in one["days"] if day)
    return (
        f'<article class="service"><h3>{escape(one["title"])} <b class="{colour}">{words}</b></h3>'
        f"{bars(one)}<p class=\"about\">{len(one['days'])} days until today. {f'{said}, over {known} of them.' if said else 'Nothing is known of them yet.'}</p>{worse(one)}</article>"
    )


def bars(one):
    """A bar a day; the same in words for who doesn't see them."""
    colours = [colour_of(day, one["objective"]) for _, day in one["days"]]
    counted = {name: colours.count(name) for name in ("green", "yellow", "red", "")}
    words = f"{counted['green']} days without a disturbance, {counted['yellow']} with some, {counted['red']} with a longer one, {counted['']} of which nothing is known"
    spans = "".join(f'<span class="{colour}" title="{date(day)}: {said(found)}"></span>' for (day, found), colour in zip(one["days"], colours))
    return f'<div class="days" role="img" aria-label="{words}">{spans}</div>'


def colour_of(day, objective):
    """By the worse of both: time up, and requests answered."""
    if not day:
        return ""
    reached = min(shares(day))
    return "green" if reached >= objective else "yellow" if reached >= BAD else "red"


def shares(day):
    found = [day["up"]] if "up" in day else []
    if day.get("requests", 0) > 0:
        found.append(1 - day.get("errors", 0) / day["requests"])
    return found or [1]


def said(day):
    if not day:
        return "not known"
    return f"{share(min(shares(day)))} available"


def worse(one):
    """The days that were not as they should be, as a table."""
    rows = [(day, found) for day, found in one["days"] if colour_of(found, one["objective"]) in ("yellow", "red")]
    if not rows:
        return ""
    cells = "".join(f'<tr><th scope="row">{date(day)}</th><td>{said(found)}</td></tr>' for day, found in reversed(rows))
    return f"<details><summary>Days with a disturbance</summary><table>{cells}</table></details>"


def incident(one, titles):
    end = f" – {moment(one['closed'])}" if one["closed"] is not None else ""
    notes = "".join(f"<li><time>{moment(note['at'])}</time> {escape(note['text'])}</li>" for note in reversed(one["notes"]))
    apps = f" ({escape(', '.join(titles.get(app, app) for app in one['apps']))})" if one["apps"] else ""
    return (
        f'<article id="{escape(one["id"])}"><h3>{escape(one["title"])}{apps}</h3>'
        f'<p class="about">{moment(one["opened"])}{end}</p><ul>{notes}</ul></article>'
    )


def date(day):
    return time.strftime("%d %b %Y", time.gmtime(day * uptime.DAY))


def moment(seconds):
    return time.strftime("%d %b %Y %H:%M UTC", time.gmtime(seconds))
