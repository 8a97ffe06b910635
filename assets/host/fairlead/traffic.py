"""Moves an application's traffic to its declared releases: add, weigh, drain. Nothing is reloaded for a release."""

import contextlib
import os
import time

from .lib import ports
from .lib.backend import render, same_structure
from .lib.differences import content_of, differs
from .lib.errors import HostError
from .lib.files import read
from .lib.gate import is_running, wait_healthy
from .lib.handover import handed_over, look_at
from .lib.haproxy import DRAIN, MAINTENANCE, FREE, Runtime, runtime_of
from .lib.releases import no_traffic, stop_idle
from .lib.slots import admit, drain, free_drained, slots_of, retire
from .lib.switch_files import exclusive, process, reload, remove_app, restart, sockets_of, write_app


def apply(spec):
    """
    Input: {app, container, socket, file, domain, port, health, within, drain, releases: [{name, weight, containers}]}; times
    in seconds. Each release has passed its gate (`fairlead release apply`).

    When the switch doesn't reach a release nothing has changed: the traffic stays where it was, and a process that has
    handed over to its successor runs again. `handover` is that of `fairlead handover apply`.
    """
    started = time.monotonic()
    # Before the switch is touched: a process may take its time to stop, and others change the switch meanwhile.
    try:
        with waiting(spec), handed_over(spec["app"], spec.get("handover")):
            return {**move(spec), "seconds": round(time.monotonic() - started, 2)}
    except HostError:
        stop_idle(list(dict(declared(spec))), spec["socket"], spec["app"])
        raise


@contextlib.contextmanager
def waiting(spec):
    """
    Visitors of an exclusive application wait for its next release: HAProxy goes on sending requests to the one that stops,
    without checks, and each tries again until the traffic has moved (lib/backend.py).
    """
    app, wanted, held = spec["app"], dict(declared(spec)), {}
    if spec.get("exclusive") and process(spec) is not None:
        runtime = runtime_of(spec["socket"])
        current = runtime.servers(app).items()
        held = {name: entry["host"] for name, entry in current if entry["host"] not in (FREE, *wanted) and entry["up"]}
        for name in held:
            runtime.set(f"disable health {app}/{name}")
    try:
        yield
    except HostError:
        for name, host in held.items():
            with contextlib.suppress(HostError):
                wait_healthy(host, spec["within"])
            runtime_of(spec["socket"]).set(f"enable health {app}/{name}")
        raise


def move(spec):
    wanted = dict(declared(spec))
    with exclusive():
        if process(spec) is None:
            restart(spec)
        runtime = runtime_of(spec["socket"])
        old = (read(spec["file"]) or b"").decode(errors="replace")
        if runtime.servers(spec["app"]) and lost_sockets(spec, old or render(spec, {})):
            restart(spec)
        before = runtime.servers(spec["app"])
        changed = not before or not same_structure(old, spec)
        if changed:
            restructure(spec, before, wanted)
        try:
            taken = admit(spec, runtime, wanted)
        except HostError as error:
            if changed:
                put_back(spec, before, old)
            raise unreached(spec, error) from error
        for name, host in taken.items():
            ports.weigh(spec, runtime, name, wanted[host])
        retired = retire(spec, runtime, wanted)
        write_app(spec, render(spec, servers_of(taken, wanted)))
    drain(spec, runtime, retired)
    with exclusive():
        free_drained(spec, runtime, {name: host for name, (host, _) in retired.items()})
    added = [host for host in taken.values() if host not in slots_of(before, wanted).values()]
    return {"app": spec["app"], "hosts": sorted(wanted), "added": sorted(added)}


def remove(spec):
    """The application was removed: its open requests end first, then its file goes. The others go on."""
    if is_running(spec["container"]):
        runtime = runtime_of(spec["socket"])
        with exclusive():
            retired = retire(spec, runtime, {})
        drain(spec, runtime, retired)
    with exclusive():
        remove_app(spec)
        if is_running(spec["container"]):
            reload(spec)


def look(spec):
    """HAProxy's live servers and weights, and the file that it reads when it starts."""
    app, wanted = spec["app"], dict(declared(spec))
    current = Runtime(spec["socket"]).servers(app)
    if not current:
        raise HostError(f"HAProxy knows no application {app}")
    # An old declaration lacks what the file is made from.
    for path in lost_sockets(spec, render({"domain": "", **spec}, {})):
        yield differs(path, "presence", "socket", None)
    taken = {}
    for name, entry in current.items():
        host = entry["host"]
        if host in wanted:
            taken[name] = host
            yield from entry_differs(f"traffic of {app} to {host}", entry, wanted[host])
        elif host != FREE:
            yield differs(f"traffic of {app} to {host}", "weight", None, entry["weight"])
    for host in set(wanted) - set(taken.values()):
        yield differs(f"traffic of {app} to {host}", "weight", wanted[host], None)
    yield from ports.look(spec, Runtime(spec["socket"]), taken, wanted)
    if "handover" in spec:
        yield from look_at(app, spec["handover"])
    # An old declaration lacks what the file is made from.
    if set(wanted) == set(taken.values()) and "domain" in spec:
        yield from content_of(spec["file"], render(spec, servers_of(taken, wanted)))


def entry_differs(thing, entry, weight):
    if entry["weight"] != weight:
        yield differs(thing, "weight", weight, entry["weight"])
    if entry["admin"] & (MAINTENANCE | DRAIN):
        yield differs(thing, "state", "ready", "maintenance" if entry["admin"] & MAINTENANCE else "draining")
    elif not entry["up"]:
        yield differs(thing, "health", "up", "down")


def declared(spec):
    """(host, weight) of each container; Docker's DNS knows a container by its name."""
    for release in spec["releases"]:
        for container in release["containers"]:
            yield container, release["weight"]


def lost_sockets(spec, text):
    """Sockets that a file declares and that aren't there: only a start of HAProxy makes them again."""
    return [path for path in sockets_of(spec, text) if not os.path.exists(path)]


def servers_of(taken, wanted):
    return {name: {"host": host, "weight": wanted[host]} for name, host in taken.items()}


def unreached(spec, error):
    failed = [release for release in spec["releases"] if any(name in str(error) for name in release["containers"])]
    names = [name for release in spec["releases"] for name in release["containers"]]
    return no_traffic(", ".join(release["name"] for release in failed), names, spec["socket"], spec["app"], error)


def put_back(spec, before, old):
    """
    The file of before, read again: what served before must serve after the next start too, by the checks that it passes.
    A new application has nothing to go back to, and keeps its file: its slots are what the next try takes.
    """
    if not any(entry["host"] != FREE for entry in before.values()):
        return
    write_app(spec, old)
    reload(spec)


def restructure(spec, before, wanted):
    """
    The first deploy, or a change of the backend's structure: a checked file, and one seamless reload of HAProxy. What
    serves goes on serving, on its own port and without checks of the new kind, until the declared release has its place.
    """
    old = read(spec["file"])
    stays = {
        name: entry
        for name, entry in before.items()
        if entry["host"] != FREE and not entry["admin"] & (MAINTENANCE | DRAIN)
    }
    for name, entry in stays.items():
        entry["ports"] = ports.known_ports(spec, runtime_of(spec["socket"]), name, entry["host"])
    write_app(spec, render(spec, stays))
    try:
        reload(spec)
    except HostError:
        if old is None:
            remove_app(spec)
        else:
            write_app(spec, old.decode(errors="replace"))
        raise
    for name, entry in stays.items():
        if entry["host"] not in wanted:
            runtime_of(spec["socket"]).set(f"disable health {spec['app']}/{name}")
