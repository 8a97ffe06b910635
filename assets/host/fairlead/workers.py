"""The gate of a release's workers: all pass it, or the release gets no traffic (decision 0040)."""

from .lib.anonymous import warn
from .lib.errors import HostError
from .lib.gate import limit_differs
from .lib.handover import running
from .lib.haproxy import runtime_of
from .lib.releases import STOP, pass_gate
from .lib.run import run


def apply(spec):
    """Input: {app, release, system, web, processes: [{name, containers, pids, within}], switch?: {socket}}; seconds."""
    for process in spec["processes"]:
        try:
            pass_gate(process["containers"], process["within"], process["pids"])
        except HostError as error:
            words = f"release {spec['release']}: the process {process['name']} doesn't pass its gate, so it is not released."
            raise HostError(f"{words}\n{error}{halt(spec)}") from error
    if not spec["web"]:
        warn(spec["release"], [name for process in spec["processes"] for name in process["containers"]])


def look(spec):
    for process in spec["processes"]:
        for name in process["containers"]:
            yield from limit_differs(name, process["pids"])


def halt(spec):
    """Stops a release that failed, its web process too, unless it serves. What to say of it."""
    if serves(spec):
        return ""
    names = [*spec["web"], *(name for process in spec["processes"] for name in process["containers"])]
    stopped = [name for name in names if run(["docker", "stop", "--time", str(STOP), name], check=False).returncode == 0]
    return f"\nWhat ran before still does. Stopped: {', '.join(stopped)}; `docker logs` there still shows why." if stopped else ""


def serves(spec):
    """Whether a visitor may reach the release, or nothing else runs the application."""
    if "switch" in spec:
        try:
            hosts = {entry["host"] for entry in runtime_of(spec["switch"]["socket"]).servers(spec["app"]).values()}
        except HostError:
            # Nobody knows.
            return True
        return bool(hosts & set(spec["web"]))
    own = {name for process in spec["processes"] for name in process["containers"]}
    return not any(name not in own for name, _process, _succeeds in running(spec["app"], spec["system"]))
