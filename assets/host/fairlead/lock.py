"""
The server's lock: a run that changes the server holds it from beginning to end. It is a flock of this process, which
lives as long as the caller's connection: when that ends, for any reason, the lock is free.
"""

import fcntl
import json
import os
import select
import threading
import time

from .lib import patience
from .lib.going import stay
from .owner import marker, refuse_other

LOCK = "/run/fairlead-hold.lock"
# Seconds without a sign of life after which a connection counts as lost; the caller gives one every few seconds.
SILENCE = 60
# Seconds in which a run that is just ending may do so.
PATIENCE = 2


def hold(spec, signs=0):
    """
    Input: a line {ownerId, token, who, what}, then a line every few seconds. Prints {state: held}, and stays until the input
    ends. {state: busy, by: {who, what, since, silent}} when another run has the lock. What one run starts has its token and
    shares the lock: {state: shared}; it inherits it where the one that had it dies first.
    """
    known = marker()
    if known and not known.get("free"):
        refuse_other(known, spec["ownerId"])
    file = open(LOCK, "a+", encoding="utf-8")
    if not acquire(file, spec["token"]):
        by = holder(file)
        if by.get("token") == spec["token"]:
            answer({"state": "shared"})
            if not inherit(file, signs):
                return 0
            note(file, spec)
        else:
            answer({"state": "busy", "by": {key: by.get(key) for key in ("who", "what", "since", "silent")}})
            return 3
    else:
        note(file, spec)
        stay()
        answer({"state": "held"})
    while select.select([signs], [], [], SILENCE)[0] and os.read(signs, 4096):
        os.utime(LOCK)
    file.truncate(0)
    return 0


def interrupt(spec):
    """
    Input: {token}. What the run with that token waits for on this server ends as if its time were over; what changes
    something goes on to its end. Nothing happens where another run has the lock, or none.
    """
    try:
        with open(LOCK, encoding="utf-8") as file:
            mine = holder(file).get("token") == spec["token"]
    except FileNotFoundError:
        mine = False
    if mine:
        patience.interrupt()
    return {"interrupted": mine}


def acquire(file, token):
    """What one run starts doesn't wait for that run's own lock."""
    end = time.monotonic() + PATIENCE
    while not free(file):
        if holder(file).get("token") == token or time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def inherit(file, signs):
    """Waits in line for the lock, until the caller has ended; answers whether it has the lock then."""
    waiting = threading.Thread(target=fcntl.flock, args=(file, fcntl.LOCK_EX), daemon=True)
    waiting.start()
    while waiting.is_alive():
        if select.select([signs], [], [], 0.2)[0] and not os.read(signs, 4096):
            return False
    return True


def free(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def note(file, spec):
    file.truncate(0)
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    json.dump({**{key: spec[key] for key in ("token", "who", "what")}, "since": since}, file)
    file.flush()
    os.chmod(LOCK, 0o600)


def holder(file):
    """Who has the lock, and for how many seconds there has been no sign of life."""
    file.seek(0)
    try:
        by = json.loads(file.read())
    except ValueError:
        by = {"who": "an unknown user", "what": "a run", "since": "just now"}
    return {**by, "silent": round(max(0.0, time.time() - os.path.getmtime(LOCK)))}


def present():
    """{who, what, since} of the run that changes this server now; None without one."""
    if not os.path.exists(LOCK) or os.path.getsize(LOCK) == 0:
        return None
    with open(LOCK, encoding="utf-8") as file:
        by = holder(file)
    # One that was killed has left its note.
    return {key: by.get(key) for key in ("who", "what", "since")} if by["silent"] < SILENCE else None


def answer(state):
    print(json.dumps(state, sort_keys=True), flush=True)
