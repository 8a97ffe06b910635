"""
A change that could lock everybody out takes itself back, unless a connection made after it confirms it.

What was there before is kept in /var/lib/fairlead/rollback/NAME.json. A timer brings it back when the time is up, and
fairlead-rollback.service does so at boot, because a timer doesn't outlive a reboot.
"""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time

from .errors import HostError, say
from .files import read, replace
from .run import run

PENDING = "/var/lib/fairlead/rollback"
LOCK = "/run/fairlead-rollback.lock"
TOOL = "/usr/local/bin/fairlead"
# Seconds after which a change that was taken back belongs to an earlier update.
FRESH = 90


def arm(name, paths, undo, within):
    """
    Keeps the files at `paths` and brings them back in `within` seconds, then runs `undo`.
    A change on top of an unconfirmed one goes back to what was last confirmed. Returns the change's identity.
    """
    with alone():
        kept = load(name) or {"files": {path: snapshot(path) for path in paths}, "undo": undo}
        change = hashlib.sha256(os.urandom(16)).hexdigest()[:12]
        kept.update(boot=boot(), deadline=time.monotonic() + within, change=change)
        forget_undone(name)
        replace(place(name), json.dumps(kept).encode(), {"mode": "0600"})
        stop_timer(name)
    options = ["--quiet", f"--unit={unit(name)}", f"--on-active={within}s", "--timer-property=AccuracySec=500ms"]
    run(["systemd-run", *options, TOOL, "rollback", "apply"])
    say(f"{name}: applied; comes back as it was in {within:g} s unless a new connection confirms it")
    return kept["change"]


def confirm(name, spec, apply):
    """
    {spec} is what the change was made from, {apply} makes it. The connection that brought this call was made after the
    change, so the change is good. When no connection came in time and it was taken back, this is an error; a later update
    makes the change once more, and the one after that confirms it.
    """
    with alone():
        if load(name) is not None:
            stop_timer(name)
            os.remove(place(name))
            return {"confirmed": True}
    undone = read(undone_mark(name))
    if undone is None:
        return {"confirmed": False}
    words = f"the new {name} settings were taken back at {undone.decode()}: no new connection came in time to confirm them"
    if time.time() - os.path.getmtime(undone_mark(name)) < FRESH:
        raise HostError(f"{words}. They shut this machine out; correct them, or make the connection work and try again.")
    apply(spec)
    raise HostError(f"{words}. They are set once more and wait {spec['within']:g} s: run the same update again now.")


def take_all_back():
    """Brings back what was not confirmed in time: all of it after a reboot, otherwise what is due."""
    failed = []
    with alone():
        for file in sorted(os.listdir(PENDING)):
            if file.endswith(".json"):
                try:
                    take_back(file[: -len(".json")])
                # One that can't be brought back must not shut the way that another would open.
                except Exception as error:
                    failed.append(f"{file}: {error}")
    if failed:
        raise HostError("could not bring back " + "; ".join(failed) + f"; what they were is in {PENDING}")


def take_back(name):
    kept = load(name)
    # The timer may come a moment early: clocks have their granularity.
    if kept["boot"] == boot() and kept["deadline"] > time.monotonic() + 1:
        return
    for path, old in kept["files"].items():
        bring_back(path, old)
    for argv in kept["undo"]:
        try_to(argv)
    os.remove(place(name))
    replace(undone_mark(name), time.strftime("%Y-%m-%d %H:%M:%S %Z").encode(), {"mode": "0600"})
    say(f"{name}: not confirmed in time, the old settings are back")


def try_to(argv):
    """The files are back; a program that is missing, or hangs, doesn't keep the others from running."""
    try:
        run(argv, check=False)
    except HostError as error:
        say(str(error))


@contextlib.contextmanager
def alone():
    """
    One at a time. Taking back opens the way for the connection that was waiting to confirm: it must find that it came
    too late, not a change that is half gone.
    """
    os.makedirs(PENDING, mode=0o700, exist_ok=True)
    with open(LOCK, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def unchanged(name):
    """The server is as declared: the identity of a change that still waits to be confirmed, or none."""
    forget_undone(name)
    kept = load(name)
    return kept and kept["change"]


def snapshot(path):
    content = read(path)
    if content is None:
        return None
    return {"mode": oct(os.stat(path).st_mode & 0o7777), "content": encode(content)}


def encode(content):
    return base64.b64encode(content).decode()


def bring_back(path, old):
    if old is not None:
        replace(path, base64.b64decode(old["content"]), {"mode": old["mode"]})
    elif os.path.exists(path):
        os.remove(path)


def load(name):
    kept = read(place(name))
    return json.loads(kept) if kept else None


def forget(name):
    """The component goes: nothing is to be brought back any more."""
    stop_timer(name)
    forget_undone(name)
    if os.path.exists(place(name)):
        os.remove(place(name))
    if os.path.isdir(PENDING) and not os.listdir(PENDING):
        shutil.rmtree(PENDING)


def forget_undone(name):
    if os.path.exists(undone_mark(name)):
        os.remove(undone_mark(name))


def stop_timer(name):
    run(["systemctl", "stop", "--quiet", f"{unit(name)}.timer"], check=False)
    run(["systemctl", "reset-failed", "--quiet", f"{unit(name)}.service"], check=False)


def place(name):
    return os.path.join(PENDING, name + ".json")


def undone_mark(name):
    return os.path.join(PENDING, name + ".undone")


def unit(name):
    return f"fairlead-rollback-{name}"


def boot():
    return read("/proc/sys/kernel/random/boot_id").decode().strip()
