"""The process of the traffic switch that answers, and whether it has read its own file."""

import os
import time

from .lib.differences import differs
from .lib.files import read
from .lib.haproxy import runtime_of
from .lib.switch_files import exclusive, process, reload, restart


def apply(spec):
    """
    Input: {container, socket, file}. Has a HAProxy that is older than its {file} read it; a younger one already has. `cfg` is
    only there to run it again.
    """
    with exclusive():
        if process(spec) is None:
            restart(spec)
        elif not loaded(spec):
            reload(spec)


def look(spec):
    if not loaded(spec):
        written = time.strftime("%F %T", time.gmtime(os.path.getmtime(spec["file"])))
        yield differs(f"container {spec['container']}", "configuration", f"the file of {written} UTC", "an older one")


def loaded(spec):
    """Whether HAProxy has read its {file} since that was written: at its start, or at a reload after it."""
    # The start is the worker's, which a reload replaces.
    if not os.path.exists(spec["socket"]) or read(spec["file"]) is None:
        return False
    return runtime_of(spec["socket"]).started() >= os.path.getmtime(spec["file"])
