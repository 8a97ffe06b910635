"""
How often the kernel has killed something in a container for its memory. Docker's own sign is gone with the next start, so its
events are counted (docs.docker.com, "docker events"); it remembers the last 256 of them.
"""

import json
import os
import time

from .engine import ask_lines
from .files import MANIFESTS, read, replace


class Kills:
    def __init__(self):
        self.known = json.loads(read(path_of()) or b"null") or {"until": time.time(), "counts": {}}

    def counted(self, names):
        """{container: kills} of these; others are forgotten."""
        until = time.time()
        query = {"since": f"{self.known['until']:.6f}", "until": f"{until:.6f}", "filters": json.dumps({"event": ["oom"]})}
        counts = {name: self.known["counts"].get(name, 0) for name in names}
        for event in ask_lines("/events", query):
            name = event["Actor"]["Attributes"].get("name")
            if name in counts:
                counts[name] += 1
        known = {"until": until, "counts": counts}
        if counts != self.known["counts"]:
            os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
            replace(path_of(), json.dumps(known, sort_keys=True).encode(), {"mode": "0600"})
        self.known = known
        return counts


def path_of():
    return os.path.join(MANIFESTS, "oom-kills.json")
