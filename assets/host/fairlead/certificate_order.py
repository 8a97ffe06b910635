"""The certificate of an ACME directory, ordered through the running edge."""

import os

from .lib import acme, pair, pem
from .lib.certificates import only_one, renewed
from .lib.differences import differs


def apply(spec):
    """After the edge: has the ACME directory issue what is declared, unless it is there already."""
    with only_one():
        if spec["mode"] != "acme":
            return {"issued": False}
        return {"issued": renewed(spec, force=False)}


def look(spec):
    """What the ACME directory issued; that it is due for a renewal is no drift."""
    if spec["mode"] != "acme":
        return
    chain, key = acme.lineage(spec)
    missing = [path for path in (chain, key) if not os.path.exists(path)]
    for path in missing:
        yield differs(path, "presence", "file", None)
    if missing:
        return
    first = pem.blocks(chain)[0]
    if pem.names(first) != sorted(spec["names"]):
        yield differs(chain, "names", " ".join(sorted(spec["names"])), " ".join(pem.names(first)))
    if acme.directory_of(spec) != spec["directory"]:
        yield differs(chain, "directory", spec["directory"], acme.directory_of(spec))
    if not pair.same(spec, chain, key):
        yield differs(pair.current(spec)[0], "content", None, None)
