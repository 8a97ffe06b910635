"""A release's own command, such as a migration: once per release, before anything of it runs (decision 0040)."""

import contextlib
import fcntl
import os
import time

from .lib.errors import HostError, say
from .lib.gate import inspect
from .lib.releases import STOP
from .lib.run import run

LOCK = "/run/lock/fairlead-release-{app}.lock"
# Lines of its output that an error shows.
LINES = 40


def apply(spec):
    """
    Input: {app, release, container, pids, timeout, marker}; seconds. The container is made and was never started, or failed
    the last time. One that ended well leaves {marker}, and isn't run again: not after a repair, not after another weight.
    """
    with alone(spec):
        began = time.monotonic()
        if os.path.exists(spec["marker"]):
            return {"ran": False}
        code = wait(spec, start(spec), began)
        if code != 0:
            raise HostError(failure(spec, f"failed with exit code {code}"))
        os.makedirs(os.path.dirname(spec["marker"]), exist_ok=True)
        with open(spec["marker"], "w", encoding="utf8"):
            pass
    return {"ran": True, "seconds": round(time.monotonic() - began, 1)}


def remove(spec):
    """The release goes; should it come again, it is prepared again."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(spec["marker"])


@contextlib.contextmanager
def alone(spec):
    """One command of an application at a time; a second one waits as long as it may itself take."""
    deadline = time.monotonic() + spec["timeout"]
    with open(LOCK.format(app=spec["app"]), "w", encoding="utf8") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise HostError(f"another release command of {spec['app']} has been running for {spec['timeout']:g} s") from None
                time.sleep(0.2)
        yield


def start(spec):
    """Starts it with its limit of processes, unless an update that was cut off left it running. Returns since when it runs."""
    name = spec["container"]
    if not inspect(name)["State"]["Running"]:
        run(["docker", "update", "--pids-limit", str(spec["pids"]), name])
        run(["docker", "start", name])
    return inspect(name)["State"]["StartedAt"]


def wait(spec, since, began):
    """Its exit code; one that is late is stopped."""
    shown = time.monotonic()
    while True:
        state = inspect(spec["container"])["State"]
        if not state["Running"]:
            return state["ExitCode"]
        if time.monotonic() - began > spec["timeout"]:
            run(["docker", "stop", "--time", str(STOP), spec["container"]], check=False)
            raise HostError(failure(spec, f"did not end within {spec['timeout']:g} s and was stopped", since))
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            say(f"{spec['release']}: its command runs: {(output(spec, since, 1) or 'no output yet')[-200:]}")
        time.sleep(0.2)


def failure(spec, what, since=None):
    since = since or inspect(spec["container"])["State"]["StartedAt"]
    return (
        f"release {spec['release']}: its command {what}, so nothing of it was started; what ran before still does.\n"
        f"Last lines of its output:\n{output(spec, since, LINES) or '(no output)'}"
    )


def output(spec, since, lines):
    logs = run(["docker", "logs", "--since", since, "--tail", str(lines), spec["container"]], check=False)
    return (logs.stdout + logs.stderr).strip()
