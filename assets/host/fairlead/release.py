"""A release of an application: its containers pass their gate before anything counts on them (decisions 0007, 0033)."""

from .lib.anonymous import warn
from .lib.errors import HostError
from .lib.gate import limit_differs
from .lib.releases import no_traffic, pass_gate


def apply(spec):
    """
    Input: {app, release, containers, pids, within, switch?: {socket}, http?}; seconds. `rollout` is only there to run it again
    before the release gets other traffic than it has.

    Where there is a switch, a release that fails is stopped, unless it serves; without a switch that isn't known.
    """
    try:
        pass_gate(spec["containers"], spec["within"], spec["pids"], spec.get("http"))
    except HostError as error:
        if "switch" not in spec:
            raise HostError(f"release {spec['release']} doesn't pass its gate.\n{error}") from error
        raise no_traffic(spec["release"], spec["containers"], spec["switch"]["socket"], spec["app"], error) from error
    warn(spec["release"], spec["containers"])


def look(spec):
    for name in spec["containers"]:
        yield from limit_differs(name, spec["pids"])
