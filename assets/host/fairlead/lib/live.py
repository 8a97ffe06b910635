"""Asks one container whether it lives, and restarts it when it doesn't: with longer and longer waits, and a count."""

import contextlib
import json
import os
import signal
import threading
import time

from .errors import HostError, say
from .files import MANIFESTS, read, replace
from .gate import age, inspect
from .request import ask

# Seconds of start in which failures don't count, where nothing else is declared.
START = 10
# Seconds between the first and the second restart; twice as many with each further one, up to the longest.
FIRST, LONGEST = 10, 600
# Seconds for which a container must answer before its next failure counts as the first.
STEADY = 600
# One container at a time is restarted, whatever is wrong with all of them.
ONE = threading.Lock()


class Watch:
    """Of the container {name}; {check} is {port, path, interval, timeout, retries, status?, host?, startPeriod?}, in seconds."""

    def __init__(self, name, check, ended):
        self.name, self.check, self.ended = name, check, ended
        self.failures, self.wait, self.restarted, self.began = 0, FIRST, 0.0, ""

    def run(self):
        while not self.ended.wait(self.check["interval"]):
            try:
                self.look(inspect(self.name))
            except (HostError, OSError) as error:
                # It was removed meanwhile, or the engine restarts.
                say(f"{self.name}: {error}")

    def look(self, found):
        """One question, and a restart where it was one failure too many."""
        state = found["State"]
        if not state["Running"] or state.get("Paused") or state.get("Restarting"):
            self.failures = 0
            return
        if state["StartedAt"] != self.began:
            self.began, self.failures = state["StartedAt"], 0
        passed, words = ask(found, self.check, self.check["timeout"])
        if passed:
            self.failures = 0
            if time.monotonic() - self.restarted > STEADY:
                self.wait = FIRST
            return
        if age(state["StartedAt"]) < self.check.get("startPeriod", START):
            return
        self.failures += 1
        if self.failures < self.check["retries"] or self.is_waiting():
            return
        with ONE:
            self.restart(found, words)

    def is_waiting(self):
        return bool(self.restarted) and time.monotonic() - self.restarted < self.wait

    def restart(self, found, words):
        if self.restarted:
            self.wait = min(LONGEST, self.wait * 2)
        self.restarted, self.failures = time.monotonic(), 0
        count = note(self.name, words)
        say(f"{self.name} failed its live check {self.check['retries']} times in a row ({words}): restart {count}")
        end(self.name, found)


def end(name, found):
    """
    Ends the container's program as Docker would, and Docker's restart policy starts it. `docker restart` would also start one
    that an update is just stopping, beside its successor.
    """
    pid = found["State"]["Pid"]
    send(pid, number(found["Config"].get("StopSignal") or "SIGTERM"))
    deadline = time.monotonic() + (found["Config"].get("StopTimeout") or 10)
    while time.monotonic() < deadline:
        if inspect(name)["State"]["Pid"] != pid:
            return
        time.sleep(0.2)
    if inspect(name)["State"]["Pid"] == pid:
        send(pid, signal.SIGKILL)


def send(pid, which):
    # 0 is the group of this process: the container stopped meanwhile.
    if pid > 0:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, which)


def number(text):
    """A signal as an image names it: SIGQUIT, QUIT, 3."""
    if text.isdigit():
        return int(text)
    name = text.upper()
    return getattr(signal, name if name.startswith("SIG") else f"SIG{name}", signal.SIGTERM)


def path_of():
    return os.path.join(MANIFESTS, "live-restarts.json")


def notes():
    """{container: {restarts, at, why}}; seconds of the epoch."""
    return json.loads(read(path_of()) or b"{}")


def note(name, words):
    """One restart more; returns how many there were."""
    known = notes()
    count = known.get(name, {}).get("restarts", 0) + 1
    known[name] = {"restarts": count, "at": round(time.time()), "why": words}
    save(known)
    return count


def forget_others(names):
    """Counts of containers that are gone."""
    known = notes()
    kept = {name: one for name, one in known.items() if name in names}
    if kept != known:
        with ONE:
            save({name: one for name, one in notes().items() if name in names})


def save(known):
    os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
    replace(path_of(), json.dumps(known, sort_keys=True).encode(), {"mode": "0600"})
