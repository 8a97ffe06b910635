"""The gate behind a container: limits that the provider can't set, and health before anything builds on it."""

import datetime
import json
import time

from .differences import differs
from .errors import HostError, say
from .patience import PATIENCE
from .request import ask
from .run import Late, run

# Restarts since the gate began, or since the container was made, after which waiting is in vain.
RESTARTS = 3
# Seconds that a health check may take that names no time: Docker's own default.
CHECK = 30
# Seconds after which the same words are said again.
REPEAT = 30
# Exit codes of a command that can't be run: no shell, or no such program (POSIX, 2.8.2).
UNABLE = (126, 127)
# Seconds after which a running container no longer counts as one that keeps stopping.
STEADY = 10


def gate(spec):
    """
    Waits until {container} is healthy, at most {within} seconds, and sets its limit of {pids} processes. One that
    stands still is started, and one that keeps stopping is restarted first: what kept it from running may be mended.
    """
    revive(spec["container"])
    wait_healthy(spec["container"], spec["within"], spec["pids"])


def revive(container):
    """Starts what doesn't run. Docker waits longer and longer before it starts a container that keeps stopping."""
    state = inspect(container)["State"]
    verb = "unpause" if state.get("Paused") else "restart" if state.get("Restarting") else None if state["Running"] else "start"
    if verb:
        say(f"{container} is {state.get('Status', 'not running')}: docker {verb}")
        # The gate says why it can't be started.
        run(["docker", verb, container], check=False)


def limit(container, pids):
    """
    The docker provider has no field for the PID limit, so it is set on the running container; Docker keeps it. False
    where the container has stopped meanwhile: then its own last words matter, not the engine's.
    """
    if inspect(container)["HostConfig"].get("PidsLimit") == pids:
        return True
    argv = ["docker", "update", "--pids-limit", str(pids), container]
    result = run(argv, check=False)
    if result.returncode != 0 and is_running(container):
        result = run(argv)
    return result.returncode == 0


def limit_differs(container, pids):
    found = inspect(container)["HostConfig"].get("PidsLimit")
    if found != pids:
        yield differs(f"container {container}", "processes", pids, found)


def inspect(container):
    result = run(["docker", "inspect", "--type", "container", container], check=False)
    if result.returncode != 0:
        raise HostError(f"container {container} does not exist: {result.stderr.strip()}")
    return json.loads(result.stdout)[0]


def is_running(container):
    """
    Whether a program can be run in it. One that is created and not yet started, or is about to be started again, reads
    its files when it starts.
    """
    fields = "{{.State.Running}} {{.State.Restarting}} {{.State.Paused}}"
    result = run(["docker", "inspect", "--type", "container", "-f", fields, container], check=False)
    return result.stdout.split() == ["true", "false", "false"]


def wait_healthy(container, within, pids=None, http=None):
    """
    Runs the container's own health check until it passes, and sets its limit of {pids} processes where one is given.
    Docker's schedule isn't waited for: its first check comes one interval after the start. A container that keeps
    stopping, or is late, fails with its last log lines. Where the check can't run in it, the server asks for {http}
    (lib/request.py). An interrupted run waits no longer. Returns when the container started, for `confirm_running`.
    """
    deadline = time.monotonic() + within
    shown, told = time.monotonic(), None
    before = earlier_restarts(inspect(container))
    while True:
        found = inspect(container)
        words = f"not running, exit code {found['State']['ExitCode']}"
        if found["State"]["Running"] and not found["State"].get("Restarting") and (pids is None or limit(container, pids)):
            passed, words = check(container, found, deadline - time.monotonic(), http)
            if passed:
                return found["State"]["StartedAt"]
        if found["RestartCount"] - before >= RESTARTS:
            raise HostError(failure(container, f"keeps stopping (restarted {found['RestartCount']} times)", words))
        if PATIENCE.ends():
            raise HostError(f"{container} was not waited for any longer: the update was interrupted.\nLast health check: {words or 'no answer'}")
        if time.monotonic() > deadline:
            raise HostError(failure(container, f"did not become healthy within {within:g} s", words))
        quiet = time.monotonic() - shown
        if quiet > REPEAT or quiet > 5 and words != told:
            shown, told = time.monotonic(), words
            say(f"waiting for {container}: {words.splitlines()[-1] if words else 'no answer yet'}")
        time.sleep(0.2)


def earlier_restarts(found):
    """Restarts that say nothing about now: those of a container that has run for a while since."""
    steady = found["State"]["Running"] and age(found["State"]["StartedAt"]) >= STEADY
    return found["RestartCount"] if steady else 0


def age(started):
    """Seconds since a container started (RFC 3339 with nanoseconds, UTC)."""
    moment = datetime.datetime.fromisoformat(started[:19] + "+00:00")
    return (datetime.datetime.now(datetime.timezone.utc) - moment).total_seconds()


def confirm_running(container, started):
    """Fails when the container has stopped since: some are healthy for a moment before they crash."""
    found = inspect(container)
    if not found["State"]["Running"] or found["State"]["StartedAt"] != started:
        words = f"passed, but exit code {found['State']['ExitCode']} right after"
        raise HostError(failure(container, "was healthy for a moment and stopped", words))


def check(container, found, left, http):
    """The container's own check, or the server's where it has none, or no shell, curl or wget to run it: (passed, words)."""
    own = found["Config"].get("Healthcheck")
    if http and ((own or {}).get("Test") or ["NONE"])[0] == "NONE":
        return ask(found, http, max(1.0, min(CHECK, left)))
    passed, words, code = attempt(container, own, left)
    if http and code in UNABLE:
        return ask(found, http, max(1.0, min(CHECK, left)))
    return passed, words


def probe(container, healthcheck, left=CHECK):
    """
    One run of the health check: (passed, what it said); a container without a check only has to run. It may take as long
    as Docker gives it, and no longer than there are seconds {left}: one without an answer has failed, as others do.
    """
    return attempt(container, healthcheck, left)[:2]


def attempt(container, healthcheck, left):
    """The same, with the exit code too."""
    test = (healthcheck or {}).get("Test") or ["NONE"]
    if test[0] == "NONE":
        return True, "", 0
    argv = ["/bin/sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
    own = (healthcheck.get("Timeout") or 0) / 1e9 or CHECK
    seconds = max(1.0, min(own, left))
    try:
        result = run(["docker", "exec", container, *argv], check=False, timeout=seconds)
    except Late:
        return False, f"no answer within {seconds:.0f} s", None
    code = result.returncode
    return code == 0, (result.stderr + result.stdout).strip()[-300:] or (f"exit code {code}, no output" if code else ""), code


def failure(container, what, words):
    logs = run(["docker", "logs", "--tail", "20", container], check=False)
    lines = (logs.stdout + logs.stderr).strip() or "(no log lines)"
    return f"{container} {what}.\nLast health check: {words or 'no answer'}\nLast log lines:\n{lines}"
