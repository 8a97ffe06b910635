"""What stands in a panel beside its picture: present values, legends, tables."""

from html import escape

from .chart import MOST
from .numbers import said

# What a colour means, for those who don't see it.
SIGNS = {"green": ("●", "good"), "yellow": ("▲", "worth a look"), "red": ("■", "bad")}


def last(one):
    return one["points"][-1][1]


def colour_of(value, thresholds):
    """None where nothing is good or bad."""
    passed = [one["colour"] for one in thresholds if value >= one["from"]]
    return passed[-1] if passed else thresholds[0]["colour"] if thresholds else None


def valued(value, panel):
    """A value with the sign of what it means."""
    words, colour = escape(said(value, panel["unit"])), colour_of(value, panel["thresholds"])
    if colour is None:
        return f"<b>{words}</b>"
    sign, meaning = SIGNS[colour]
    return f'<b class="{colour}"><span role="img" aria-label="{meaning}">{sign}</span> {words}</b>'


def stat(panel, series):
    if not series:
        return '<p class="stat none">no data</p>'
    return f'<p class="stat">{valued(last(series[0]), panel)}</p>'


def table(panel, series):
    """Each series with its present value."""
    if not series:
        return '<p class="none">no data</p>'
    rows = [f'<tr><th scope="row">{escape(one["name"])}</th><td>{valued(last(one), panel)}</td></tr>' for one in series]
    return f'<table><caption class="hidden">{escape(panel["title"])}</caption>{"".join(rows)}</table>'


def legend(panel, series):
    """The names of the lines with their colours and present values, and all figures for those who want them."""
    if not series:
        return '<p class="none">no data</p>'
    items = [
        f'<li><svg class="key" viewBox="0 0 14 8" aria-hidden="true"><path class="line c{index}" d="M.5 4H14"/></svg>'
        f"{escape(one['name'])} <b>{escape(said(last(one), panel['unit']))}</b></li>"
        for index, one in enumerate(series[:MOST])
    ]
    more = f"<li>and {len(series) - MOST} more</li>" if len(series) > MOST else ""
    return f'<ul class="legend">{"".join(items)}{more}</ul>{figures(panel, series)}'


def figures(panel, series):
    heads = "".join(f'<th scope="col">{word}</th>' for word in ("", "last", "lowest", "mean", "highest"))
    rows = []
    for one in series:
        values = [value for _, value in one["points"]]
        cells = (values[-1], min(values), sum(values) / len(values), max(values))
        rows.append(
            f'<tr><th scope="row">{escape(one["name"])}</th>'
            + "".join(f"<td>{escape(said(value, panel['unit']))}</td>" for value in cells)
            + "</tr>"
        )
    return f"<details><summary>Figures</summary><table><tr>{heads}</tr>{''.join(rows)}</table></details>"
