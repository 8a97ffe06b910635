"""What this server does by itself at set times, and what of it failed (systemctl(1))."""

import calendar
import os
import re
import time

from .run import run

# Ours, the renewal by its usual name, and the distribution's updates.
OWN = ("fairlead-*.timer", "certbot.timer", "apt-daily-upgrade.timer")
# Jobs of applications have a table of their own.
JOBS = "fairlead-job-"
# Moments in UTC, words in English.
PLAIN = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
TIMER = "Id,ActiveState,LastTriggerUSec,NextElapseUSecRealtime,NextElapseUSecMonotonic"
SERVICE = "Id,ActiveState,Result,ExecMainStatus,ExecMainExitTimestamp"


def own():
    """{name, active, running, last?, next?, ended?, result?} of each; seconds of the epoch."""
    names = [line.split()[0] for line in units("--type=timer", *OWN) if not line.startswith(JOBS)]
    services = [f"{name.rpartition('.')[0]}.service" for name in names]
    for timer, service in zip(shown(TIMER, names), shown(SERVICE, services)):
        ended = moment(service.get("ExecMainExitTimestamp", ""))
        yield {
            "name": timer["Id"].rpartition(".")[0],
            "active": timer["ActiveState"] == "active",
            "running": service["ActiveState"] in ("active", "activating"),
            "last": moment(timer.get("LastTriggerUSec", "")),
            "next": moment(timer.get("NextElapseUSecRealtime", "")) or since_start(timer.get("NextElapseUSecMonotonic", "")),
            "ended": ended,
            "result": service.get("Result") if ended else None,
        }


def failed():
    """Names of all units that failed, whoever made them."""
    return [line.split()[0] for line in units("--state=failed")]


def units(*which):
    return run(["systemctl", "list-units", "--all", "--plain", "--no-legend", *which], env=PLAIN, check=False).stdout.splitlines()


def shown(properties, names):
    """Properties of each unit, in that order; systemd puts an empty line between two."""
    if not names:
        return []
    answer = run(["systemctl", "show", "--property", properties, *names], env=PLAIN).stdout
    return [dict(line.partition("=")[::2] for line in block.splitlines()) for block in answer.strip().split("\n\n")]


# Units of a span as systemd prints it (systemd.time(7)), in seconds.
SPANS = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800, "month": 2629800, "y": 31557600}


def since_start(text):
    """`17h 32min 5.1s` after the start of the server, in seconds of the epoch; None where there is none."""
    parts = re.findall(r"([\d.]+)([a-z]+)", text)
    if not parts or any(unit not in SPANS for _, unit in parts):
        return None
    span = sum(float(number) * SPANS[unit] for number, unit in parts)
    return round(time.time() - time.clock_gettime(time.CLOCK_MONOTONIC) + span)


def moment(text):
    """`Fri 2026-11-27 09:41:27 UTC`; None where there is none."""
    try:
        return calendar.timegm(time.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC"))
    except ValueError:
        return None
