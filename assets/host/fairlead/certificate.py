"""The edge's certificate: a first one before the edge starts, the declared one through the running edge, and its renewal."""

import json
import os
import tempfile
import time

from .lib import acme, authority, pair, pem
from .lib.certificates import only_one, renewed
from .lib.differences import differs
from .lib.errors import HostError
from .lib.files import read
from .lib.gate import is_running

SETTINGS = "/etc/fairlead/certificates.json"
LOG = "/var/log/ssl-renew.log"


def apply(spec):
    """
    Before the edge: {domain, names, tls, mode, container, …} as in SETTINGS. Makes sure that there is a pair to show, from
    the server's own authority where nothing better is there. Returns what to trust.
    """
    with only_one():
        own(spec)
        if spec["mode"] == "self-signed" or not pair.usable(spec):
            sign(spec, sure=False)
    return {"certificate": authority.trusted(spec)}


def look(spec):
    """The pair that the edge shows, and whether it does show it."""
    chain, key = pair.current(spec)
    missing = [path for path in (chain, key) if not os.path.exists(path)]
    for path in missing:
        yield differs(path, "presence", "file", None)
    if not missing:
        yield from shown(spec, chain)


def shown(spec, chain):
    if not pair.usable(spec):
        yield differs(chain, "key", "its own", "another")
        return
    first = pem.blocks(chain)[0]
    if not all(pem.covers(first, name) for name in spec["names"]):
        yield differs(chain, "names", " ".join(sorted(spec["names"])), " ".join(pem.names(first)))
    if pem.lifetime(first)[1] <= time.time():
        yield differs(chain, "validity", "valid", f"ended {pem.until(first)}")
    if is_running(spec["container"]):
        found = pair.shown(spec)
        if found is not None and found != pem.binary(first):
            yield differs(f"container {spec['container']}", "certificate shown", "the one in " + chain, "another")


def present():
    """{mode, names, begin, end, last?} of the pair that the edge shows; `last` is how the last renewal went."""
    spec = json.loads(read(SETTINGS) or b"null")
    if spec is None:
        raise HostError(f"{SETTINGS} is missing; an update of the stack (npm run up) writes it")
    first = pem.blocks(pair.current(spec)[0])[0]
    begin, end = pem.lifetime(first)
    lines = (read(LOG) or b"").decode(errors="replace").splitlines()
    return {"mode": spec["mode"], "names": pem.names(first), "begin": begin, "end": end, "last": lines[-1] if lines else None}


def renew(options):
    """
    What the timer does, and a person by `npm run renew`: {force?, rehearse?}, settings from SETTINGS.
    Each attempt is one line of LOG, with what went wrong.
    """
    text = read(SETTINGS)
    if text is None:
        raise HostError(f"{SETTINGS} is missing; an update of the stack (npm run up) writes it")
    spec = json.loads(text)
    try:
        with only_one():
            result = attempt(spec, options)
    except HostError as error:
        log("failed: " + str(error))
        raise
    log(result["did"])
    return result


def install(spec):
    """certbot's deploy hook, for a renewal that a person started by hand."""
    return {"changed": pair.install(spec, *acme.lineage(spec))}


def attempt(spec, options):
    if options.get("rehearse"):
        rehearse(spec)
        return {"did": "the rehearsal of a renewal passed", "changed": False}
    if spec["mode"] == "acme":
        changed = renewed(spec, force=bool(options.get("force")))
    else:
        changed = sign(spec, force=bool(options.get("force")))
    return {"did": "renewed" if changed else "not due", "changed": changed}


def rehearse(spec):
    """Goes through a renewal without changing anything."""
    if spec["mode"] == "acme":
        return acme.rehearse(spec)
    if not authority.signs(spec):
        raise HostError("the server's own authority is missing, or may not sign for these names; npm run renew makes it anew")
    with tempfile.TemporaryDirectory() as target:
        return pair.check(*authority.issue(spec, target), spec["names"])


def sign(spec, force=False, sure=True):
    """A pair from the server's own authority, unless the present one is from it and fits."""
    chain, _ = pair.current(spec)
    if not force and pair.usable(spec) and authority.issued(spec, chain):
        pair.show(spec, sure)
        return False
    with tempfile.TemporaryDirectory() as target:
        return pair.install(spec, *authority.issue(spec, target), sure)


def own(spec):
    """The folder above the pairs is root's alone: group 101 may be anybody's on a server."""
    os.makedirs(pair.folder(spec), exist_ok=True)
    os.chmod(spec["tls"], 0o700)
    os.chmod(pair.folder(spec), 0o755)


def log(text):
    """An attempt is one line, however many lines it printed."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(f"{moment} {' '.join(text.split())}\n")
