"""Waits that end when nobody waits for their end any more: after Ctrl-C of the run that has the server's lock (decision 0051)."""

import os
import time

from .files import read

MARK = "/run/fairlead-interrupted"


def interrupt():
    """Notes the time of the server's own clock since its start: one that is set meanwhile changes nothing."""
    with open(f"{MARK}.next", "w", encoding="ascii") as file:
        file.write(f"{time.monotonic()}\n")
    os.replace(f"{MARK}.next", MARK)


class Patience:
    """That of this process, which is one call of the tools."""

    def __init__(self):
        self.since = time.monotonic()

    def ends(self):
        """
        Whether the run was interrupted since this process began; true once, because what puts things back afterwards has to
        wait for them.
        """
        try:
            ends = float(read(MARK) or 0) > self.since
        except ValueError:
            return False
        if ends:
            self.since = float("inf")
        return ends


PATIENCE = Patience()
