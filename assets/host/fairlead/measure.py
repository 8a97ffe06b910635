"""
The figures of this server that no exporter has, for Prometheus: containers, releases, timers, certificate, folders; and where
applications export theirs. A service that runs as long as the server does.
"""

import os
import time

from .lib import exposition, scrape_targets
from .lib import server_figures as figures
from .lib.errors import HostError, say
from .lib.inventory import containers
from .lib.oom import Kills

# Seconds after which it ends, and systemd starts it with the tools as they are then.
DAY = 86400
# Seconds between two looks, and between two measurements of what takes longer.
PACE, SLOW = 15, 600


def keep(spec):
    """
    Input: {system, root, socket, metrics, targets, apps: {app: [{process, port, path, interval?}]}, volumes}: HAProxy's
    runtime API, the folders of the text files and of the targets, what applications export, volumes that are measured.
    """
    kills, began, measured, there, slow = Kills(), time.monotonic(), 0.0, None, []
    while time.monotonic() - began < DAY:
        # A volume that is made after this service is measured as soon as it is there.
        if there != figures.present(spec) or time.monotonic() - measured > SLOW:
            there, measured = figures.present(spec), time.monotonic()
            slow = [*figures.folders(spec), *figures.updates()]
        try:
            measure(spec, kills, slow)
        except (HostError, OSError, ValueError, KeyError) as error:
            # The engine restarts, or an update is in the midst of it; an alert says so when it lasts.
            say(f"no figures this time: {type(error).__name__}: {error}")
        time.sleep(PACE)


def measure(spec, kills, slow):
    """One look, written at once and whole; what can't be seen leaves out its own figures only."""
    found = [one for one in containers()["list"] if one["system"] == spec["system"]]
    scrape_targets.write(spec, found)
    lines = [
        *figures.of_containers(found, kills.counted([one["name"] for one in found])),
        *slow,
        ("fairlead_server_written_timestamp_seconds", {}, time.time()),
    ]
    for part in (figures.of_releases, figures.of_timers, figures.of_certificate, figures.of_nginx, figures.of_machine):
        try:
            lines += part(spec, found)
        except (HostError, OSError, ValueError, KeyError) as error:
            say(f"{part.__name__}: {error}")
    exposition.write(os.path.join(spec["metrics"], "server.prom"), lines)
