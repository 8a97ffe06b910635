"""The edge's certificate: a first one before the edge starts, the declared one through the running edge, and its renewal."""

import contextlib
import fcntl
import json
import os
import tempfile
import time

from . import acme, authority, pair
from .errors import HostError, say
from .files import read
from .run import run

SETTINGS = "/etc/fairlead/certificates.json"
LOG = "/var/log/ssl-renew.log"
LOCK = "/run/fairlead-certificate.lock"
UNITS = ("certbot", "fairlead-renew")


def certificate(spec):
    """
    Before the edge: {domain, names, tls, mode, container, unit, …} as in SETTINGS. Makes sure that there is a pair to
    show, from the server's own authority where nothing better is there, and starts the timer. Returns what to trust.
    """
    with only_one():
        own(spec)
        if spec["mode"] == "self-signed" or not pair.usable(spec):
            sign(spec, sure=False)
    start_timer(spec)
    return {"certificate": authority.trusted(spec)}


def issue(spec):
    """After the edge: has the ACME directory issue what is declared, unless it is there already."""
    with only_one():
        if spec["mode"] != "acme":
            return {"issued": False}
        return {"issued": renewed(spec, force=False)}


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


def install_certificate(spec):
    """certbot's deploy hook, for a renewal that somebody started by hand."""
    return {"changed": pair.install(spec, *acme.lineage(spec))}


def attempt(spec, options):
    if options.get("rehearse"):
        if spec["mode"] != "acme":
            raise HostError("a rehearsal needs an ACME directory; this certificate is self-signed")
        acme.rehearse(spec)
        return {"did": "the rehearsal of a renewal passed", "changed": False}
    if spec["mode"] == "acme":
        changed = renewed(spec, force=bool(options.get("force")))
    else:
        changed = sign(spec, force=bool(options.get("force")))
    return {"did": "renewed" if changed else "not due", "changed": changed}


def renewed(spec, force):
    """Orders when it is due, and brings what certbot has to the edge in any case."""
    reason = "asked for by force" if force else acme.due(spec)
    if reason:
        acme.order(spec, reason, new_key=force)
    return pair.install(spec, *acme.lineage(spec)) or bool(reason)


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


def start_timer(spec):
    """One timer renews, under the name that the mode has; the other one stops."""
    run(["systemctl", "daemon-reload"])
    for name in UNITS:
        if name != spec["unit"]:
            run(["systemctl", "disable", "--now", f"{name}.timer"], check=False)
            # A timer whose files went while it ran counts as failed, and the whole system as degraded.
            run(["systemctl", "stop", f"{name}.timer"], check=False)
            run(["systemctl", "reset-failed", f"{name}.timer"], check=False)
    run(["systemctl", "enable", "--quiet", f"{spec['unit']}.timer"])
    run(["systemctl", "restart", f"{spec['unit']}.timer"])


@contextlib.contextmanager
def only_one():
    """An update and the timer don't order at the same time."""
    with open(LOCK, "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another renewal")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def log(text):
    """An attempt is one line, whatever many lines it had to say."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(f"{moment} {' '.join(text.split())}\n")
