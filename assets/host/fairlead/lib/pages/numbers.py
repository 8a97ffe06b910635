"""Values for people, and round steps for scales."""

import math

BYTES = ("B", "KB", "MB", "GB", "TB", "PB")
THOUSANDS = ("", " k", " M", " G", " T")
# Seconds: (from, in, unit).
TIMES = ((2 * 86400, 86400, "d"), (7200, 3600, "h"), (120, 60, "min"), (1, 1, "s"))
# Steps of a scale of time, in seconds, above half a minute.
ROUND_TIMES = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000)


def said(value, unit):
    """A value with its unit, in two or three digits."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    sign = "-" if value < 0 else ""
    return sign + FORMATS[unit](abs(value))


def count(value):
    power = 0
    while value >= 10000 and power < len(THOUSANDS) - 1:
        value, power = value / 1000, power + 1
    return digits(value) + THOUSANDS[power]


def digits(value):
    if value == 0:
        return "0"
    if value >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.{2 if value >= 0.1 else 3}f}".rstrip("0").rstrip(".") or "0"


def size(value):
    power = 0
    while value >= 1024 and power < len(BYTES) - 1:
        value, power = value / 1024, power + 1
    return f"{value:.1f} {BYTES[power]}" if power and value < 10 else f"{value:.0f} {BYTES[power]}"


def seconds(value):
    if value == 0:
        return "0 s"
    if value < 0.001:
        return f"{value * 1e6:.0f} µs"
    if value < 1:
        return f"{digits(value * 1000) if value < 0.01 else f'{value * 1000:.0f}'} ms"
    for start, part, unit in TIMES:
        if value >= start:
            return f"{digits(value / part) if value / part < 10 else f'{value / part:.0f}'} {unit}"
    return f"{value:g} s"


def share(value):
    """Percent; close to 0 and to 100 the digits that tell the difference."""
    percent = value * 100
    if percent == 0 or percent == 100:
        return f"{percent:.0f} %"
    rest = min(percent, abs(100 - percent))
    # Cut, not rounded: what isn't 100 % must not look like it.
    places = 0 if rest >= 10 else 1 if rest >= 1 else 2 if rest >= 0.1 else 3
    return f"{math.floor(percent * 10**places) / 10**places:.{places}f} %"


FORMATS = {
    "count": count,
    "rate": lambda value: count(value) + "/s",
    "seconds": seconds,
    "bytes": size,
    "byteRate": lambda value: size(value) + "/s",
    "share": share,
}


def ticks(low, high, unit, wanted=4):
    """Round values from {low} to at least {high}, about {wanted} steps."""
    span = high - low
    if span <= 0:
        return [low, low + 1]
    step = step_of(span / wanted, unit)
    first = math.floor(low / step) * step
    last = math.ceil(high / step - 1e-9)
    return [first + index * step for index in range(int(last - round(first / step)) + 1)]


def step_of(least, unit):
    if unit == "seconds" and least > ROUND_TIMES[0] / 2:
        return next((step for step in ROUND_TIMES if step >= least), math.ceil(least / 2592000) * 2592000)
    if unit in ("bytes", "byteRate"):
        return 2 ** max(0, math.ceil(math.log2(least)))
    power = 10 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)
