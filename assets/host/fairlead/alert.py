"""An alert that is only a test, on the whole way of a real one: a figure, a rule of Prometheus, Alertmanager, the receivers."""

import os
import re
import time

from .lib import exposition
from .lib.alertmanager import Alertmanager
from .lib.errors import HostError, say
from .lib.files import discard
from .lib.inventory import containers
from .owner import marker

ROOT = "/opt"
NAME = "TestAlert"
RECEIVER = "critical"
# Seconds: a figure is read within 30, a rule evaluated within 120 at most, what belongs together is waited for for 10.
ARRIVES, SENT = 200, 60


def test(_spec):
    """
    Returns {receivers: {slack: {sent, failed, why?}}, seconds}: what Alertmanager says of each channel of critical alerts. The
    alert ends with this call, and its end is sent too.
    """
    system = (marker() or {}).get("name")
    running = {one["service"]: one["name"] for one in containers()["list"] if one["system"] == system and one["state"] == "running"}
    if "alertmanager" not in running or "prometheus" not in running:
        raise HostError("monitoring doesn't run on this server; set monitoring.enabled and npm run up")
    path, began = os.path.join(ROOT, system, "metrics", "test-alert.prom"), time.time()
    manager = Alertmanager(running["alertmanager"])
    channels = manager.channels(RECEIVER)
    if not channels:
        raise HostError("nobody is told of critical alerts; declare a receiver under notifications and npm run up")
    before = manager.notifications(RECEIVER)
    exposition.write(path, [("fairlead_test_alert", {}, 1)])
    try:
        wait("Prometheus' alert at Alertmanager", ARRIVES, lambda: manager.has(NAME))
        say("the alert has arrived at Alertmanager")
        wait_for(lambda: all_told(manager.notifications(RECEIVER), before, channels), SENT)
        after = manager.notifications(RECEIVER)
    finally:
        discard(path)
    found = {one: told(after, before, one) for one in channels}
    for one in found:
        if found[one]["failed"] or not found[one]["sent"]:
            found[one]["why"] = last_error(manager, one, began)
    return {"receivers": found, "seconds": round(time.time() - began)}


def all_told(after, before, channels):
    return all(told(after, before, one)["sent"] for one in channels)


def told(after, before, channel):
    """Attempts since then, less those that failed."""
    attempts, failed = (after[kind].get(channel, 0) - before[kind].get(channel, 0) for kind in ("attempts", "failed"))
    return {"sent": max(0, int(attempts - failed)), "failed": int(failed)}


def last_error(manager, channel, since):
    words = manager.errors(channel, since)
    return re.sub(r"https?://\S+", "(address)", words[-1]) if words else "Alertmanager says nothing of it"


def wait(what, seconds, condition):
    if not wait_for(condition, seconds):
        raise HostError(f"{what} did not come within {seconds} s; npm run status shows what does not run, and npm run up brings it back")


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(2)
    return False
