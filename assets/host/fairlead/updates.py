"""All packages up to date, once in the life of a server; later updates install themselves (H4)."""

import os

from .lib.apt import upgrade
from .lib.errors import say
from .lib.files import read, replace

UPDATED = "/var/lib/fairlead/updated"


def apply(_spec):
    if read(UPDATED) is not None:
        return {"updated": False}
    say("bringing the system's packages up to date")
    upgrade()
    os.makedirs(os.path.dirname(UPDATED), mode=0o700, exist_ok=True)
    replace(UPDATED, b"", {"mode": "0600"})
    reboot = os.path.exists("/run/reboot-required")
    if reboot:
        say("a new kernel waits for a reboot; it comes at the declared hour, or type `reboot` on the server")
    return {"updated": True, "reboot": reboot}
