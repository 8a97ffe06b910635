"""
The switch's way to the upstream of a subdomain. It has a file of its own, so that its removal is a step of its own, after the
edge has stopped to lead there.
"""

import os

from .lib.differences import content_of, differs
from .lib.errors import HostError
from .lib.files import read
from .lib.gate import is_running
from .lib.switch_files import exclusive, lost_sockets, reload, remove_app, restart, write_app
from .switch_process import loaded


def apply(spec):
    """Input: {container, socket, file, content}: a file of HAProxy on the host, and its text."""
    with exclusive():
        old = read(spec["file"])
        if old != spec["content"].encode():
            write_app(spec, spec["content"])
        try:
            if not loaded(spec):
                reload(spec)
        except HostError:
            if old is None:
                remove_app(spec)
            else:
                write_app(spec, old.decode(errors="replace"))
            raise
        if lost_sockets(spec, spec["content"]):
            restart(spec)


def remove(spec):
    with exclusive():
        remove_app(spec)
        if is_running(spec["container"]):
            reload(spec)


def look(spec):
    different = list(content_of(spec["file"], spec["content"]))
    yield from different
    if not different and not loaded(spec):
        yield differs(f"container {spec['container']}", "configuration", f"that of {os.path.basename(spec['file'])}", "an older one")
    for path in lost_sockets(spec, spec["content"]):
        yield differs(path, "presence", "socket", None)
