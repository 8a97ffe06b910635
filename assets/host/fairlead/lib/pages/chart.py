"""A picture of values over time, as SVG that a screen reader can tell too."""

import time
from html import escape

from .numbers import ROUND_TIMES, said, ticks

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 190, 58, 8, 10, 22
# Units of width for each of the 24 columns.
COLUMN = 50
# Series that are drawn; the table below has all of them.
MOST = 12
# Samples further apart than so many steps are not joined.
GAP = 1.6


def chart(panel, series, span, marks):
    """
    {series}: [{name, points: [(seconds, value)]}], {span}: (first, last, step) in seconds, {marks}: [(seconds, words)].
    """
    width = panel["width"] * COLUMN
    drawn = stacked(series[:MOST]) if panel["kind"] == "area" else [{**one, "base": None} for one in series[:MOST]]
    scale = Scale(panel, drawn, span, width)
    identity = panel["id"]
    body = [*grid(panel, scale), *limits(panel, scale), *marked(marks, scale)]
    # What is stacked on others is drawn first, or it would hide them.
    for index in reversed(range(len(drawn))) if panel["kind"] == "area" else range(len(drawn)):
        body += lines(drawn[index], index, scale)
    return "\n".join(
        [
            f'<svg viewBox="0 0 {width} {HEIGHT}" role="img" aria-labelledby="{identity}-title {identity}-desc">',
            f'<title id="{identity}-title">{escape(panel["title"])}</title>',
            f'<desc id="{identity}-desc">{escape(described(panel, series))}</desc>',
            *body,
            "</svg>",
        ]
    )


def described(panel, series):
    """What the picture shows, in a sentence for each line."""
    if not series:
        return "No data."
    parts = []
    for one in series[:MOST]:
        values = [value for _, value in one["points"]]
        last, low, high = (said(value, panel["unit"]) for value in (values[-1], min(values), max(values)))
        parts.append(f"{one['name']}: {last} at the end, between {low} and {high}.")
    return " ".join(parts)


class Scale:
    """Where a moment and a value stand."""

    def __init__(self, panel, drawn, span, width):
        self.first, self.last, self.step = span
        self.width = width
        values = [value for one in drawn for _, value in one["points"]]
        high, low = max([*values, 0]), min([*values, 0])
        if panel.get("max") is not None:
            high = max(high, panel["max"])
        # A scale for ever smaller noise would make a line of zeros look busy.
        self.ticks = ticks(low, high if high > low else low + 1, panel["unit"])
        self.low, self.high = self.ticks[0], self.ticks[-1]

    def x(self, moment):
        return LEFT + (moment - self.first) / (self.last - self.first) * (self.width - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def has(self, value):
        return self.low <= value <= self.high


def grid(panel, scale):
    for value in scale.ticks:
        y = scale.y(value)
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{scale.width - RIGHT}"/>'
        yield f'<text class="tick" x="{LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{said(value, panel["unit"])}</text>'
    room = max(2, (scale.width - LEFT) // 90)
    step = next((one for one in ROUND_TIMES if (scale.last - scale.first) / one <= room), ROUND_TIMES[-1])
    moment = -(-scale.first // step) * step
    while moment <= scale.last:
        words = time.strftime("%H:%M" if step < 86400 else "%d %b", time.gmtime(moment))
        if LEFT + 14 < scale.x(moment) < scale.width - 14:
            yield f'<text class="tick" x="{scale.x(moment):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{words}</text>'
        moment += step


def limits(panel, scale):
    """Thresholds inside the scale; the first is its beginning."""
    for one in panel["thresholds"][1:]:
        if scale.has(one["from"]):
            yield f'<path class="limit {one["colour"]}" d="M{LEFT} {scale.y(one["from"]):.1f}H{scale.width - RIGHT}"/>'


def marked(marks, scale):
    for moment, words in marks:
        if scale.first <= moment <= scale.last:
            yield f'<path class="mark" d="M{scale.x(moment):.1f} {TOP}V{HEIGHT - BOTTOM}"><title>{escape(words)}</title></path>'


def lines(one, index, scale):
    for run in runs(one["points"], scale.step):
        path = "L".join(f"{scale.x(moment):.1f} {scale.y(value):.1f}" for moment, value in run)
        if one["base"] is not None:
            below = "L".join(f"{scale.x(moment):.1f} {scale.y(one['base'].get(moment, 0)):.1f}" for moment, _ in reversed(run))
            yield f'<path class="fill c{index}" d="M{path}L{below}Z"/>'
        if len(run) == 1:
            moment, value = run[0]
            yield f'<circle class="dot c{index}" cx="{scale.x(moment):.1f}" cy="{scale.y(value):.1f}" r="1.5"/>'
        else:
            yield f'<path class="line c{index}" d="M{path}"/>'


def runs(points, step):
    """Parts without a gap."""
    run = []
    for point in points:
        if run and point[0] - run[-1][0] > step * GAP:
            yield run
            run = []
        run.append(point)
    if run:
        yield run


def stacked(series):
    """Each on the sum of those before it."""
    base, found = {}, []
    for one in series:
        points = [(moment, value + base.get(moment, 0)) for moment, value in one["points"]]
        found.append({**one, "points": points, "base": base})
        base = {**base, **dict(points)}
    return found
