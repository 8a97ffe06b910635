"""The gate behind a container: limits that the provider can't set, and health before anything builds on it."""

import json
import time

from .errors import HostError, say
from .run import run


def gate(spec):
    """Waits until {container} is healthy, at most {within} seconds, and sets its limit of {pids} processes."""
    limit(spec["container"], spec["pids"])
    wait_healthy(spec["container"], spec["within"])


def limit(container, pids):
    """The docker provider has no field for the PID limit, so it is set on the running container; Docker keeps it."""
    if inspect(container)["HostConfig"].get("PidsLimit") != pids:
        run(["docker", "update", "--pids-limit", str(pids), container])


def inspect(container):
    result = run(["docker", "inspect", "--type", "container", container], check=False)
    if result.returncode != 0:
        raise HostError(f"container {container} does not exist: {result.stderr.strip()}")
    return json.loads(result.stdout)[0]


def is_running(container):
    """One that is created and not yet started reads its files when it starts: nobody has to tell it."""
    result = run(["docker", "inspect", "--type", "container", "-f", "{{.State.Running}}", container], check=False)
    return result.stdout.strip() == "true"


def wait_healthy(container, within):
    """
    Runs the container's own health check until it passes. Docker's schedule isn't waited for: its first check
    comes one interval after the start. A container that keeps stopping, or is late, fails with its last log lines.
    Returns when the container started, for `confirm_running`.
    """
    deadline = time.monotonic() + within
    shown = time.monotonic()
    while True:
        found = inspect(container)
        if found["State"]["Running"]:
            passed, words = probe(container, found["Config"].get("Healthcheck"))
            if passed:
                return found["State"]["StartedAt"]
        else:
            words = f"not running, exit code {found['State']['ExitCode']}"
        if found["RestartCount"] >= 3:
            raise HostError(failure(container, f"keeps stopping (restarted {found['RestartCount']} times)", words))
        if time.monotonic() > deadline:
            raise HostError(failure(container, f"did not become healthy within {within:g} s", words))
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            say(f"waiting for {container}: {words.splitlines()[-1] if words else 'no answer yet'}")
        time.sleep(0.2)


def confirm_running(container, started):
    """Fails when the container has stopped since: some are healthy for a moment before they crash."""
    found = inspect(container)
    if not found["State"]["Running"] or found["State"]["StartedAt"] != started:
        words = f"passed, but exit code {found['State']['ExitCode']} right after"
        raise HostError(failure(container, "was healthy for a moment and stopped", words))


def probe(container, healthcheck):
    """One run of the health check: (passed, what it said); a container without a check only has to run."""
    test = (healthcheck or {}).get("Test") or ["NONE"]
    if test[0] == "NONE":
        return True, ""
    argv = ["/bin/sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
    result = run(["docker", "exec", container, *argv], check=False, timeout=60)
    return result.returncode == 0, (result.stderr + result.stdout).strip()[-300:]


def failure(container, what, words):
    logs = run(["docker", "logs", "--tail", "20", container], check=False)
    lines = (logs.stdout + logs.stderr).strip() or "(no log lines)"
    return f"{container} {what}.\nLast health check: {words or 'no answer'}\nLast log lines:\n{lines}"
