"""What an update and the timer share about the certificate of an ACME directory."""

import contextlib
import fcntl

from . import acme, pair
from .errors import say

LOCK = "/run/fairlead-certificate.lock"


def renewed(spec, force):
    """Orders when it is due, and brings what certbot has to the edge in any case. True when something changed."""
    reason = "asked for by force" if force else acme.due(spec)
    if reason:
        acme.order(spec, reason, new_key=force)
    return pair.install(spec, *acme.lineage(spec)) or bool(reason)


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
