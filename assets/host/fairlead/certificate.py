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
# A file for each site with a certificate of its own.
SITES = "/etc/fairlead/certificates.d"
LOG = "/var/log/ssl-renew.log"


def apply(spec):
    """
    Before the edge: {domain, names, tls, mode, container, …} as in SETTINGS. Makes sure that there is a pair to show, from
    the server's own authority where nothing better is there. Returns what to trust.
    """
    with only_one():
        pair.own(spec)
        if spec.get("site"):
            borrow(spec)
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
    What the timer does, and a person by `npm run renew`: {force?, rehearse?}, settings from SETTINGS and SITES.
    Each attempt is one line of LOG, with what went wrong; one that fails holds up no other.
    """
    specs = declared()
    results, errors = [], []
    with only_one():
        for spec in specs:
            name = f"{spec['domain']}: " if len(specs) > 1 else ""
            try:
                result = attempt(spec, options)
            except HostError as error:
                log(f"{name}failed: {error}")
                errors.append(name + str(error))
                continue
            log(name + result["did"])
            results.append({**result, "did": name + result["did"]})
    if errors:
        raise HostError("\n".join([*errors, *(result["did"] for result in results)]))
    return {"did": "; ".join(result["did"] for result in results), "changed": any(result["changed"] for result in results)}


def declared():
    """What each certificate of this server is made from, the domain's first."""
    text = read(SETTINGS)
    if text is None:
        raise HostError(f"{SETTINGS} is missing; an update of the stack (npm run up) writes it")
    sites = sorted(os.listdir(SITES)) if os.path.isdir(SITES) else []
    return [json.loads(text), *(json.loads(read(os.path.join(SITES, name))) for name in sites if name.endswith(".json"))]


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


def borrow(spec):
    """Until an authority has issued a site's first certificate, visitors go on seeing the domain's, where it names the site."""
    domains = {**spec, "site": False}
    if spec["mode"] != "acme" or pair.usable(spec) or not pair.usable(domains):
        return
    chain, key = pair.current(domains)
    first = pem.blocks(chain)[0]
    if pem.lifetime(first)[1] > time.time() and all(pem.covers(first, name) for name in spec["names"]):
        pair.install(spec, chain, key, sure=False)


def log(text):
    """An attempt is one line, however many lines it printed."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(f"{moment} {' '.join(text.split())}\n")
