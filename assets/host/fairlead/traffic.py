"""Moves an application's traffic to its declared releases: gate, add, weigh, drain. Nothing is reloaded for a release."""

import hashlib
import os
import time

from .errors import HostError
from .files import read
from .gate import age, confirm_running, inspect, is_running, revive, wait_healthy
from .haproxy import DRAIN, MAINTENANCE, NOBODY, runtime_of
from .run import run
from .slots import admit, drain, free_slots, held, retire
from .switch_config import exclusive, process, reload, remove_app, restart, socket_of, write_app

# Seconds that a container must have lived before it gets traffic.
SETTLE = 3.0
# Seconds that a container of a release that failed may take to stop: it has never served.
STOP = 10


def switch(spec):
    """
    Input: {app, container, socket, file, head, options, slots, port, checked, pids, within, drain,
    releases: [{name, weight, containers: [{name, host}]}]}; times in seconds.

    When a release doesn't become healthy nothing has changed: the traffic stays where it was.
    """
    started = time.monotonic()
    wanted = dict(declared(spec))
    for release in spec["releases"]:
        try:
            pass_gate(spec, release)
        except HostError as error:
            raise no_traffic(spec, release["name"], error) from error
    with exclusive():
        if process(spec) is None:
            restart(spec)
        runtime = runtime_of(spec)
        if runtime.servers(spec["app"]) and not os.path.exists(socket_of(spec)):
            restart(spec)
        before = runtime.servers(spec["app"])
        if not before or structure(spec) not in (read(spec["file"]) or b"").decode(errors="replace"):
            restructure(spec, before, wanted)
        try:
            taken = admit(spec, runtime, wanted)
        except HostError as error:
            raise no_traffic(spec, None, error) from error
        for name, host in taken.items():
            runtime.tell(f"set server {spec['app']}/{name} weight {wanted[host]}")
        retired = retire(spec, runtime, wanted)
        write_app(spec, render(spec, taken, wanted))
    drain(spec, runtime, retired)
    with exclusive():
        free_slots(spec, runtime, {name: host for name, (host, _) in retired.items()})
    added = [host for host in taken.values() if host not in held(before, wanted).values()]
    return {"app": spec["app"], "hosts": sorted(wanted), "added": sorted(added), "seconds": round(time.monotonic() - started, 2)}


def unswitch(spec):
    """The application is gone: what it still answers ends first, then its file goes. The rest goes on."""
    if is_running(spec["container"]):
        runtime = runtime_of(spec)
        with exclusive():
            retired = retire(spec, runtime, {})
        drain(spec, runtime, retired)
    with exclusive():
        remove_app(spec)
        if is_running(spec["container"]):
            reload(spec)


def declared(spec):
    for release in spec["releases"]:
        for container in release["containers"]:
            yield container["host"], release["weight"]


def pass_gate(spec, release):
    """Every container of a release is healthy, and still the same one a moment later."""
    names = [container["name"] for container in release["containers"]]
    for name in names:
        if not inspect(name)["State"].get("Restarting"):
            revive(name)
    started = {name: wait_healthy(name, spec["within"], spec["pids"]) for name in names}
    time.sleep(max(0.0, SETTLE - min(map(age, started.values()))))
    for name in names:
        confirm_running(name, started[name])


def no_traffic(spec, release, error):
    """What to say of a release that fails. It is stopped, unless it serves: nobody wants it to start again for ever."""
    if release is None:
        release = ", ".join(one["name"] for one in spec["releases"] if any(c["host"] in str(error) for c in one["containers"]))
    stopped = stop_failed(spec)
    note = f"\nStopped: {', '.join(stopped)}; `docker logs` there still tells more." if stopped else ""
    return HostError(f"release {release} gets no traffic; what served before still does.\n{error}{note}")


def stop_failed(spec):
    """Stops the declared containers that have no traffic, and returns their names."""
    try:
        serving = {entry["host"] for entry in runtime_of(spec).servers(spec["app"]).values()}
    except HostError:
        # Nobody knows which ones serve.
        return []
    names = [container["name"] for release in spec["releases"] for container in release["containers"]]
    idle = [name for name in names if name not in serving]
    return [name for name in idle if run(["docker", "stop", "--time", str(STOP), name], check=False).returncode == 0]


def restructure(spec, before, wanted):
    """
    The first deploy, or a change of the backend's structure: a checked file, and one seamless reload of HAProxy. What
    serves goes on serving, on its own port and without checks of the new kind, until the declared release has its place.
    """
    old = read(spec["file"])
    stays = {
        name: entry
        for name, entry in before.items()
        if entry["host"] != NOBODY and not entry["admin"] & (MAINTENANCE | DRAIN)
    }
    write_app(spec, render(spec, {name: entry["host"] for name, entry in stays.items()}, wanted, stays))
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
            runtime_of(spec).tell(f"disable health {spec['app']}/{name}")


def structure(spec):
    parts = [spec["head"], spec["options"], str(spec["slots"]), str(spec["port"])]
    return "# structure " + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def render(spec, taken, wanted, stays=None):
    """
    The file that HAProxy reads when it starts: always the declared list, so a restart changes nothing. {stays} are the
    servers of before that serve meanwhile.
    """
    lines = [structure(spec), spec["head"].rstrip()]
    for index in range(1, spec["slots"] + 1):
        name = f"s{index}"
        host, entry = taken.get(name), (stays or {}).get(name)
        if entry:
            target = f"{host}:{entry['port']} weight {entry['weight']}"
        elif host:
            target = f"{host}:{spec['port']} weight {wanted[host]}"
        else:
            target = f"{NOBODY}:{spec['port']} weight 0 disabled"
        lines.append(f"  server {name} {target} {spec['options']}")
    return "\n".join(lines) + "\n"
