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


def wait_healthy(container, within):
    """Polls Docker's own health check; a container that stops or stays unhealthy fails with its last log lines."""
    deadline = time.monotonic() + within
    shown = 0.0
    while True:
        state = inspect(container)["State"]
        health = state.get("Health", {}).get("Status", "none")
        if state["Running"] and health in ("healthy", "none"):
            return
        if state["Restarting"] or not state["Running"]:
            if time.monotonic() > deadline - within / 2:
                raise HostError(failure(container, f"keeps stopping (exit code {state['ExitCode']})", state))
        if time.monotonic() > deadline:
            raise HostError(failure(container, f"did not become healthy within {within:g} s", state))
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            say(f"waiting for {container}: {health}")
        time.sleep(0.3)


def failure(container, what, state):
    probes = state.get("Health", {}).get("Log") or []
    probe = probes[-1]["Output"].strip()[-300:] if probes else "no check has run yet"
    logs = run(["docker", "logs", "--tail", "20", container], check=False)
    lines = (logs.stdout + logs.stderr).strip() or "(no log lines)"
    return f"{container} {what}.\nLast health check: {probe}\nLast log lines:\n{lines}"
