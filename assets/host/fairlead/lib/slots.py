"""An application's slots in HAProxy: taken by a container whose check has passed, weighed, drained, freed."""

import time

from . import counters, ports
from .errors import HostError, say
from .haproxy import DRAIN, MAINTENANCE, FREE, until
from .request import EXPECTED
from .run import run
from .workers import connected

# Seconds after a reload in which a process from before may still get a request: the edge keeps an idle connection to it no
# longer than five (assets/edge/upstream.conf).
IDLE = 6.0


def admit(spec, runtime, wanted):
    """
    Gives each new host a free slot, without weight, and waits until HAProxy's own check of every host passes. Returns
    {slot: host} of all.
    """
    app = spec["app"]
    current = runtime.servers(app)
    taken = slots_of(current, wanted)
    fresh = [host for host in wanted if host not in taken.values()]
    # The runtime API changes no port: slots from before a change of it are as they were until the next reload.
    free = [name for name, entry in current.items() if entry["host"] == FREE and entry["port"] == spec["port"]]
    if len(free) < len(fresh):
        raise HostError(f"{app}: {len(fresh)} containers to add, {len(free)} of {len(current)} slots free")
    added = dict(zip(free, fresh))
    try:
        for name, host in added.items():
            occupy(spec, runtime, name, host, current[name]["address"])
            counters.begin(spec["socket"], runtime, app, name, host)
        for name in taken:
            if current[name]["admin"] & MAINTENANCE:
                begin_checks(app, runtime, name)
            elif current[name]["admin"] & DRAIN:
                runtime.set(f"set server {app}/{name} state ready")
        for name, host in taken.items():
            ports.follow(spec, runtime, name, host)
        for name, host in {**taken, **added}.items():
            wait_up(spec, runtime, name, host)
    except HostError:
        free_slots(spec, runtime, added)
        raise
    return {**taken, **added}


def slots_of(current, wanted):
    """Slots of hosts that stay: {slot: host}."""
    return {name: entry["host"] for name, entry in current.items() if entry["host"] in wanted}


def occupy(spec, runtime, name, host, before):
    app = spec["app"]
    runtime.set(f"set server {app}/{name} fqdn {host}")
    until(f"HAProxy finding the address of {host}", 10, lambda: ports.resolved(runtime.servers(app)[name], before))
    ports.follow(spec, runtime, name, host)
    begin_checks(app, runtime, name)


def begin_checks(app, runtime, name):
    """
    Out of maintenance, without traffic. A server that leaves maintenance counts as up at once, so it is set down in the same
    command: from then on only a check that passes brings it up.
    """
    server = f"{app}/{name}"
    # They are off where the slot's last server was kept over a change of the structure.
    changes = [f"enable health {server}", *(f"set server {server} {change}" for change in ("weight 0", "state ready", "health down"))]
    runtime.set("; ".join(changes))


def wait_up(spec, runtime, name, host):
    """Waits for HAProxy's check of a host, as long as a release may take to become healthy."""
    began = shown = time.monotonic()
    seconds = max(15, spec["within"])
    while not runtime.servers(spec["app"])[name]["up"]:
        words = last_check(runtime, spec["app"], name)
        if time.monotonic() - began > seconds:
            raise HostError(
                f"{host} is healthy by its own check, but doesn't answer the traffic switch within {seconds:g} s: {words}.\n"
                f"{question(spec)}, or have the application listen on all addresses.\n"
                f"Last log lines:\n{log_of(host)}"
            )
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            say(f"waiting for the switch's check of {host}: {words}")
        time.sleep(0.05)


def question(spec):
    """What the switch asks, and what to correct."""
    app, port = spec["app"], spec["port"]
    if "health" not in spec:
        return f"The switch connects to port {port}: correct apps.{app}.ports"
    return (
        f"The switch asks GET {spec['health']} on port {port} with Host {spec.get('host', spec['domain'])} and "
        f"expects a status of {spec.get('status', EXPECTED)}: correct apps.{app}.port or "
        f"apps.{app}.health (path, ready, status, host)"
    )


def last_check(runtime, app, name):
    """HAProxy's words for its last check: `L4CON: Connection refused`, `L7STS 404: Not Found`."""
    row = runtime.statistics(app).get(name, {})
    status = " ".join(part for part in (row.get("check_status"), row.get("check_code")) if part)
    return ": ".join(part for part in (status, row.get("last_chk")) if part) or "no answer yet"


def log_of(container):
    logs = run(["docker", "logs", "--tail", "20", container], check=False)
    return (logs.stdout + logs.stderr).strip() or "(no log lines)"


def retire(spec, runtime, wanted):
    """Sends nothing new to hosts that are no longer declared. Returns them: {slot: (host, address)}."""
    retired = {}
    for name, entry in runtime.servers(spec["app"]).items():
        if entry["host"] not in (FREE, *wanted):
            runtime.set(f"set server {spec['app']}/{name} state drain")
            retired[name] = (entry["host"], entry["address"])
    return retired


def drain(spec, runtime, retired):
    """
    Lets the old release finish, what it answers through HAProxy's processes from before a reload too. What is still open
    after `drain` seconds is closed.
    """
    while retired and runtime.uptime() < IDLE:
        time.sleep(0.1)
    began = shown = time.monotonic()
    while retired and (left := busy(spec, runtime, retired)) and time.monotonic() - began < spec["drain"]:
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            say(f"draining {spec['app']}: {left} open")
        time.sleep(0.1)


def busy(spec, runtime, retired):
    """What is open towards hosts: sessions of the present process, connections of former ones."""
    present = runtime.servers(spec["app"])
    sessions = ports.sessions(spec, runtime)
    own = sum(sessions.get(name, 0) for name, (host, _) in retired.items() if present.get(name, {}).get("host") == host)
    addresses = [address for _, address in retired.values() if address.count(".") == 3]
    return own + connected(spec["container"], runtime.process(), addresses)


def free_drained(spec, runtime, hosts):
    """The same for slots that were drained: another run may have declared such a host again meanwhile, and it serves."""
    current = runtime.servers(spec["app"])
    free_slots(spec, runtime, {name: host for name, host in hosts.items() if current.get(name, {}).get("admin", 0) & DRAIN})


def free_slots(spec, runtime, hosts):
    """Slots of {slot: host}; another application's change may have reloaded HAProxy, which forgot those meanwhile."""
    app = spec["app"]
    for name, host in hosts.items():
        if runtime.servers(app).get(name, {}).get("host") != host:
            continue
        runtime.set(f"set server {app}/{name} state maint")
        runtime.ask(f"shutdown sessions server {app}/{name}")
        runtime.set(f"set server {app}/{name} fqdn {FREE}")
        ports.release(spec, runtime, name)
