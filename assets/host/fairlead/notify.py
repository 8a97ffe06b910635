"""Word to people that something failed which this server does by itself; where monitoring runs, its alerts say so instead."""

import json
import time

from .lib.channels import KINDS
from .lib.errors import HostError, say
from .lib.files import read
from .lib.run import run

SETTINGS = "/etc/fairlead/notify.json"
LINES = 20
# Seconds before the second and the third try.
PAUSES = (5, 20)


def failure(spec):
    """
    Input: {unit}, which has just failed; who is told is in SETTINGS: {system, channels: [{kind, …}]}. Each gets it, with the last lines of the
    journal; raises a HostError that names those who didn't.
    """
    text = read(SETTINGS)
    if text is None:
        raise HostError(f"{SETTINGS} is missing; an update of the stack (npm run up) writes it")
    settings = json.loads(text)
    message = {
        "system": settings["system"],
        "unit": spec["unit"],
        "title": f"{settings['system']}: {spec['unit']} failed",
        "text": last_lines(spec["unit"]) or "The journal has no lines of it.",
    }
    failed = [f"{channel['kind']}: {why}" for channel in settings["channels"] for why in [tell(channel, message)] if why]
    if failed:
        raise HostError(f"not everybody was told that {spec['unit']} failed: {'; '.join(failed)}")


def last_lines(unit):
    shown = run(["journalctl", "--unit", unit, "--lines", str(LINES), "--output", "cat", "--no-pager", "--quiet"], check=False)
    return shown.stdout.strip()


def tell(channel, message):
    """None when it was taken, else why not. No address is in those words."""
    for pause in (*PAUSES, None):
        try:
            KINDS[channel["kind"]](channel, message)
            say(f"{channel['kind']} took it")
            return None
        except OSError as error:
            if pause is None:
                return reason(error)
            time.sleep(pause)
    return None


def reason(error):
    words = getattr(error, "reason", None) or (error.args[-1] if error.args else None) or type(error).__name__
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)
