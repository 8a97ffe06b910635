"""A release behind its gate, and what becomes of one that fails."""

import time

from .errors import HostError
from .gate import age, confirm_running, inspect, is_running, revive, wait_healthy
from .haproxy import runtime_of
from .run import run

# Seconds that a container must have lived before it gets traffic.
SETTLE = 3.0
# Seconds that a container of a release that failed may take to stop: it has never served.
STOP = 10


def pass_gate(names, within, pids, http=None):
    """Every container of a release is healthy and limited, and still the same one a moment later."""
    for name in names:
        if not inspect(name)["State"].get("Restarting"):
            revive(name)
    started = {name: wait_healthy(name, within, pids, http) for name in names}
    time.sleep(max(0.0, SETTLE - min(map(age, started.values()))))
    for name in names:
        confirm_running(name, started[name])


def stand_again(names, within, pids=None, http=None):
    """
    What an earlier try stopped when it failed runs again and is healthy: its own gate was passed then, and isn't run again
    for a release that is declared as before.
    """
    still = [name for name in names if not is_running(name)]
    if still:
        pass_gate(still, within, pids, http)


def no_traffic(release, names, socket, app, error):
    """What to say of a release that fails. It is stopped, unless it serves: a release that failed needn't start for ever."""
    stopped = stop_idle(names, socket, app)
    note = f"\nStopped: {', '.join(stopped)}; `docker logs` there still shows why." if stopped else ""
    return HostError(f"release {release} gets no traffic; what served before still does.\n{error}{note}")


def stop_idle(names, socket, app):
    """Stops the containers that have no traffic, and returns their names."""
    try:
        serving = {entry["host"] for entry in runtime_of(socket).servers(app).values()}
    except HostError:
        # Nobody knows which ones serve.
        return []
    idle = [name for name in names if name not in serving]
    return [name for name in idle if run(["docker", "stop", "--time", str(STOP), name], check=False).returncode == 0]
