"""
Processes with successors: the old one stops before the new one starts, and comes back when that fails (decision 0040).

Docker starts with the server what ran when it stopped, not what was stopped by hand or never started. So of an old and a
new container that were handed over never both come up.
"""

import contextlib

from .differences import differs
from .errors import HostError, say
from .gate import inspect, is_running, limit_differs
from .releases import STOP, pass_gate, stand_again
from .run import run

# Labels of containers, see components/app/worker-container.ts; the web process has none.
PROCESS = "process"
SUCCEEDS = "succeeds"
WEB = "web"
# Seconds that Docker gets for a stop beyond those of the container itself.
GRACE = 60


@contextlib.contextmanager
def handed_over(app, handover):
    """The block belongs to it: when that fails, the old processes come back too."""
    declared = (handover or {}).get("processes", [])
    processes = [process for process in declared if process["succeeds"]]
    stopped, begun = [], []
    for process in declared:
        if not process["succeeds"]:
            stand_again(process["containers"], process["within"], process["pids"])
    try:
        for name in predecessors(app, handover, processes):
            stopped.append(name)
            stop(name)
        for process in processes:
            begun += [name for name in process["containers"] if not is_running(name)]
            succeed(process)
        yield
    except HostError as error:
        raise HostError(f"{error}{take_back([*begun, *alongside(handover, begun, stopped)], stopped)}") from error


def succeed(process):
    try:
        pass_gate(process["containers"], process["within"], process["pids"], process.get("http"))
    except HostError as error:
        raise HostError(f"{process['release']}: the process {process['name']} doesn't pass its gate.\n{error}") from error


def predecessors(app, handover, processes):
    """Names of running containers of these processes, or of former ones with successors, that are not declared."""
    if not processes:
        return []
    wanted = {name for process in processes for name in process["containers"]}
    names = {process["name"] for process in processes}
    plain = {process["name"] for process in handover["processes"]} - names
    return [
        name
        for name, process, succeeds in running(app, handover["system"])
        if name not in wanted and (process in names or (succeeds and process not in plain))
    ]


def running(app, system):
    """(name, process, whether it has successors) of each container of an application that runs, or is about to."""
    filters = [f"label={label}={value}" for label, value in (("managed-by", "fairlead"), ("app", system), ("service", app))]
    fields = f'{{{{.Names}}}}\t{{{{.Label "{PROCESS}"}}}}\t{{{{.Label "{SUCCEEDS}"}}}}'
    argv = ["docker", "ps", "--no-trunc", "--format", fields]
    for one in filters:
        argv += ["--filter", one]
    for line in run(argv).stdout.splitlines():
        name, process, succeeds = (line.split("\t") + ["", ""])[:3]
        yield name, process or WEB, succeeds == "true"


def stop(name):
    """SIGTERM, and its own time to finish."""
    seconds = inspect(name)["Config"].get("StopTimeout") or STOP
    say(f"stopping {name}; it has {seconds} s to finish")
    run(["docker", "stop", name], timeout=seconds + GRACE)


def alongside(handover, begun, stopped):
    """Other processes of a release that failed: they don't go on beside the old one, where that comes back."""
    if not stopped:
        return []
    lost = {process["release"] for process in handover["processes"] if set(process["containers"]) & set(begun)}
    return [
        name
        for process in handover["processes"]
        if process["release"] in lost and not process["succeeds"]
        for name in process["containers"]
    ]


def take_back(begun, stopped):
    """Stops what was begun, then starts what was stopped; what to say of it."""
    ended = [name for name in begun if run(["docker", "stop", "--time", str(STOP), name], check=False).returncode == 0]
    # While one of them runs, starting the old one would make two.
    if stuck := [name for name in begun if name not in ended and is_running(name)]:
        return f"\n{', '.join(stuck)} can't be stopped, so {', '.join(stopped)} was not started again."
    back = [name for name in stopped if run(["docker", "start", name], check=False).returncode == 0]
    lost = [name for name in stopped if name not in back]
    return "".join(
        f"\n{what}: {', '.join(names)}."
        for what, names in (("Stopped", ended), ("Runs again", back), ("Can't be started again", lost))
        if names
    )


def look_at(app, handover):
    """What doesn't run of the processes with successors, and what runs beside them."""
    processes = [process for process in handover["processes"] if process["succeeds"]]
    for process in processes:
        for name in process["containers"]:
            status = inspect(name)["State"]["Status"]
            if status != "running":
                yield differs(f"container {name}", "state", "running", status)
            yield from limit_differs(name, process["pids"])
    for name in predecessors(app, handover, processes):
        yield differs(f"container {name}", "state", None, "running")
