"""Restarts containers that no longer answer (decision 0048): a service that runs as long as the server does."""

import json
import threading
import time

from .lib.live import Watch, forget_others
from .lib.run import run

# Seconds after which it ends, and systemd starts it with the tools as they are then.
DAY = 86400
# Seconds between two looks for new containers.
PACE = 5


def keep(_spec):
    """Input: {}. Each container with the label `live` has a thread that asks it."""
    watched, began = {}, time.monotonic()
    while time.monotonic() - began < DAY:
        current = containers()
        if current is None:
            time.sleep(PACE)
            continue
        for name in set(watched) - set(current):
            watched.pop(name).set()
        for name in set(current) - set(watched):
            watched[name] = threading.Event()
            threading.Thread(target=Watch(name, current[name], watched[name]).run, daemon=True).start()
        forget_others(current)
        time.sleep(PACE)


def containers():
    """
    What is asked of each container with such a label, by its name; one that doesn't run keeps its place. None while the
    engine doesn't answer: nothing is known of any then.
    """
    shown = '{{.Names}} {{.Label "live"}}'
    listed = run(["docker", "ps", "--all", "--filter", "label=live", "--format", shown], check=False)
    if listed.returncode != 0:
        return None
    pairs = (line.split(" ", 1) for line in listed.stdout.splitlines())
    return {name: json.loads(check) for name, check in pairs}
