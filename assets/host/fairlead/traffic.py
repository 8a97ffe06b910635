"""Moves an application's traffic to its declared releases: gate, add, weigh, drain. Nothing is reloaded for a release."""

import datetime
import hashlib
import os
import time

from .errors import HostError, say
from .files import read, replace
from .gate import confirm_running, limit, wait_healthy
from .haproxy import DRAIN, MAINTENANCE, NOBODY, Runtime, until
from .run import run


# Seconds that a container must have lived before it gets traffic.
SETTLE = 3.0


def switch(spec):
    """
    Input: {app, container, socket, file, head, options, slots, port, pids, within, drain,
    releases: [{name, weight, containers: [{name, host}]}]}; times in seconds.

    When a release doesn't become healthy nothing has changed: the traffic stays where it was.
    """
    started = time.monotonic()
    pass_gate(spec)
    runtime = Runtime(spec["socket"])
    wanted = {host: weight for host, weight in declared(spec)}
    current = runtime.servers(spec["app"])
    if not current or structure(spec) not in (read(spec["file"]) or b"").decode():
        rebuild(spec, runtime, wanted)
        return summary(spec, started, {})
    added = admit(spec, runtime, current, wanted)
    for name in held(current, wanted):
        if current[name]["admin"] & (MAINTENANCE | DRAIN):
            runtime.tell(f"set server {spec['app']}/{name} state ready")
    for name, host in {**held(current, wanted), **added}.items():
        runtime.tell(f"set server {spec['app']}/{name} weight {wanted[host]}")
    retired = [name for name, entry in current.items() if entry["host"] not in (NOBODY, *wanted)]
    for name in retired:
        runtime.tell(f"set server {spec['app']}/{name} state drain")
    write(spec, {**held(current, wanted), **added}, wanted)
    drain(spec, runtime, retired)
    return summary(spec, started, added)


def unswitch(spec):
    """The application is gone: its file goes, the rest goes on."""
    if read(spec["file"]) is not None:
        os.remove(spec["file"])
        reload(spec)


def declared(spec):
    for release in spec["releases"]:
        for container in release["containers"]:
            yield container["host"], release["weight"]


def pass_gate(spec):
    """Every container of every release is healthy, and still the same one a moment later."""
    for release in spec["releases"]:
        for container in release["containers"]:
            limit(container["name"], spec["pids"])
    for release in spec["releases"]:
        names = [container["name"] for container in release["containers"]]
        try:
            started = {name: wait_healthy(name, spec["within"]) for name in names}
            time.sleep(max(0.0, SETTLE - min(map(age, started.values()))))
            for name in names:
                confirm_running(name, started[name])
        except HostError as error:
            raise HostError(f"release {release['name']} gets no traffic; what served before still does.\n{error}") from error


def age(started):
    """Seconds since a container started (RFC 3339 with nanoseconds, UTC)."""
    moment = datetime.datetime.fromisoformat(started[:19] + "+00:00")
    return (datetime.datetime.now(datetime.timezone.utc) - moment).total_seconds()


def held(current, wanted):
    return {name: entry["host"] for name, entry in current.items() if entry["host"] in wanted}


def admit(spec, runtime, current, wanted):
    """Gives each new host a free slot with weight 0 and waits until HAProxy's own check passes."""
    app = spec["app"]
    fresh = [host for host in wanted if host not in held(current, wanted).values()]
    free = [name for name, entry in current.items() if entry["host"] == NOBODY]
    if len(free) < len(fresh):
        raise HostError(f"{app}: {len(fresh)} containers to add, {len(free)} of {len(current)} slots free")
    added = dict(zip(free, fresh))
    try:
        for name, host in added.items():
            runtime.tell(f"set server {app}/{name} weight 0")
            runtime.tell(f"set server {app}/{name} fqdn {host}")
            until(f"HAProxy finding the address of {host}", 10, lambda: resolved(runtime, app, name, current[name]))
            runtime.tell(f"set server {app}/{name} health down")
            runtime.tell(f"set server {app}/{name} state ready")
        for name, host in added.items():
            until(f"HAProxy's health check of {host}", 15, lambda: runtime.servers(app)[name]["up"])
    except HostError:
        release_slots(spec, runtime, list(added))
        raise
    return added


def resolved(runtime, app, name, before):
    now = runtime.servers(app)[name]
    return now["address"] not in ("-", "0.0.0.0", before["address"])


def drain(spec, runtime, retired):
    """Lets the old release finish; what is still open after `drain` seconds is closed."""
    if not retired:
        return
    deadline = time.monotonic() + spec["drain"]
    shown = 0.0
    while (left := sum(runtime.sessions(spec["app"]).get(name, 0) for name in retired)) and time.monotonic() < deadline:
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            say(f"draining {spec['app']}: {left} open")
        time.sleep(0.1)
    release_slots(spec, runtime, retired)


def release_slots(spec, runtime, names):
    for name in names:
        runtime.tell(f"set server {spec['app']}/{name} state maint")
        runtime.ask(f"shutdown sessions server {spec['app']}/{name}")
        runtime.tell(f"set server {spec['app']}/{name} fqdn {NOBODY}")


def rebuild(spec, runtime, wanted):
    """The first deploy, or a change of the backend's structure: a checked file and one seamless reload of HAProxy."""
    old = read(spec["file"])
    write(spec, {f"s{index}": host for index, host in enumerate(wanted, 1)}, wanted)
    try:
        reload(spec)
    except HostError:
        if old is None:
            os.remove(spec["file"])
        else:
            replace(spec["file"], old, {"mode": "0644"})
        raise
    serving = {host for host, weight in wanted.items() if weight > 0}

    def complete():
        servers = runtime.servers(spec["app"]).values()
        return serving <= {entry["host"] for entry in servers if entry["up"] and entry["address"] != "-"}

    until(f"HAProxy taking over {spec['app']}", 15, complete)


def reload(spec):
    config = "/usr/local/etc/haproxy"
    run(["docker", "exec", spec["container"], "haproxy", "-c", "-f", f"{config}/haproxy.cfg", "-f", f"{config}/conf.d"])
    # Not `docker kill`: the engine takes any signal for a wish to stop, and wouldn't start the container after a reboot.
    run(["docker", "exec", spec["container"], "sh", "-c", "kill -USR2 1"])


def refresh(spec):
    """Has a HAProxy that answers on {socket} and is older than its {file} read it; a younger one already has."""
    if not loaded(spec):
        reload(spec)


def loaded(spec):
    """Whether HAProxy has read its {file} since that was written: at its start, or at a reload after it."""
    # Of the worker, which a reload replaces. The clock is read before the question: the start is told early rather than
    # late, by the time of the answer, and a file that was written in between counts as not read.
    return time.time() - Runtime(spec["socket"]).uptime() >= os.path.getmtime(spec["file"])


def structure(spec):
    parts = [spec["head"], spec["options"], str(spec["slots"]), str(spec["port"])]
    return "# structure " + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def write(spec, taken, wanted):
    replace(spec["file"], render(spec, taken, wanted).encode(), {"mode": "0644"})


def render(spec, taken, wanted):
    """The file that HAProxy reads when it starts: always the declared list, so a restart changes nothing."""
    lines = [structure(spec), spec["head"].rstrip()]
    for index in range(1, spec["slots"] + 1):
        host = taken.get(f"s{index}")
        target = f"{host}:{spec['port']} weight {wanted[host]}" if host else f"{NOBODY}:{spec['port']} weight 0 disabled"
        lines.append(f"  server s{index} {target} {spec['options']}")
    return "\n".join(lines) + "\n"


def summary(spec, started, added):
    hosts = sorted(host for host, _ in declared(spec))
    return {"app": spec["app"], "hosts": hosts, "added": sorted(added.values()), "seconds": round(time.monotonic() - started, 2)}
