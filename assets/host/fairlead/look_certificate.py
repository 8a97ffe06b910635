"""Looks at the certificate that the edge shows, at what issued it, and at its renewal; changes nothing."""

import os
import time

from . import acme, pair, pem
from .gate import is_running
from .look_files import differs, unit_state


def certificate(spec):
    """The pair that the edge shows, whether it does show it, and the timer that renews it."""
    chain, key = pair.current(spec)
    missing = [path for path in (chain, key) if not os.path.exists(path)]
    for path in missing:
        yield differs(path, "presence", "file", None)
    if not missing:
        yield from shown(spec, chain)
    yield from unit_state(f"{spec['unit']}.timer")


def shown(spec, chain):
    if not pair.usable(spec):
        yield differs(chain, "key", "its own", "another")
        return
    own = pem.blocks(chain)[0]
    if not all(pem.covers(own, name) for name in spec["names"]):
        yield differs(chain, "names", " ".join(sorted(spec["names"])), " ".join(pem.names(own)))
    if pem.lifetime(own)[1] <= time.time():
        yield differs(chain, "validity", "valid", f"ended {pem.until(own)}")
    if is_running(spec["container"]):
        found = pair.shown(spec)
        if found is not None and found != pem.binary(own):
            yield differs(f"container {spec['container']}", "certificate shown", "the one in " + chain, "another")


def issue(spec):
    """What the ACME directory issued; that it is due for a renewal is no drift."""
    if spec["mode"] != "acme":
        return
    chain, key = acme.lineage(spec)
    missing = [path for path in (chain, key) if not os.path.exists(path)]
    for path in missing:
        yield differs(path, "presence", "file", None)
    if missing:
        return
    own = pem.blocks(chain)[0]
    if pem.names(own) != sorted(spec["names"]):
        yield differs(chain, "names", " ".join(sorted(spec["names"])), " ".join(pem.names(own)))
    if acme.directory_of(spec) != spec["directory"]:
        yield differs(chain, "directory", spec["directory"], acme.directory_of(spec))
    if not pair.same(spec, chain, key):
        yield differs(pair.current(spec)[0], "content", None, None)
