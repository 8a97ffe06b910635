"""
Backends of an application's TCP ports. Each of their servers follows the one in the same slot of the application's own
backend, whose checks and states hold for all (HAProxy's manual, "track"); hosts and weights are set in each.
"""

import os

from .differences import differs
from .haproxy import FREE, UNRESOLVED, until

TEMPLATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "port.cfg")
OPTIONS = "resolvers docker resolve-prefer ipv4 init-addr libc,none"
# While a release stops and the next one starts: as for requests (backend.py).
PATIENT = "  retries 300\n  option redispatch 1\n"


def backends(spec):
    """{name: {port, to, proxy}}; no application's name has an underscore."""
    return {f"_{spec['app']}_{one['port']}": one for one in spec.get("ports", [])}


def render(spec, servers, slots):
    """Their part of the file; a server of {servers} may have other ports than the declared, by the server's: `ports`."""
    return "".join(render_one(name, one, spec, servers, slots) for name, one in backends(spec).items())


def render_one(name, one, spec, servers, slots):
    with open(TEMPLATE, encoding="utf-8") as file:
        head = file.read().replace("{{name}}", name)
    options = OPTIONS + (" send-proxy-v2" if one.get("proxy") else "")
    lines = []
    for slot in slots:
        server = servers.get(slot)
        target = f"{FREE}:{one['to']} weight 0"
        if server:
            port = server.get("ports", {}).get(one["port"], one["to"])
            target = f"{server['host']}:{port} weight {server['weight']}"
        lines.append(f"  server {slot} {target} track {spec['app']}/{slot} {options}\n")
    return "\n" + head + (PATIENT if spec.get("exclusive") else "") + "".join(lines)


def known_ports(spec, runtime, slot, host):
    """On which ports a host is reached now: {port of the server: its own}."""
    found = {one["port"]: runtime.servers(name).get(slot, {}) for name, one in backends(spec).items()}
    return {port: entry["port"] for port, entry in found.items() if entry.get("host") == host}


def follow(spec, runtime, slot, host):
    """Has a slot lead to a host, once its address is known."""
    for name in backends(spec):
        entry = runtime.servers(name)[slot]
        if entry["host"] == host:
            continue
        before = entry["address"]
        runtime.set(f"set server {name}/{slot} weight 0")
        runtime.set(f"set server {name}/{slot} fqdn {host}")
        until(f"HAProxy finding the address of {host}", 10, lambda: resolved(runtime.servers(name)[slot], before))


def resolved(entry, before):
    return entry["address"] not in ("-", "0.0.0.0", before) and not entry["admin"] & UNRESOLVED


def weigh(spec, runtime, slot, weight):
    for name in (spec["app"], *backends(spec)):
        runtime.set(f"set server {name}/{slot} weight {weight}")


def release(spec, runtime, slot):
    """A slot that becomes free: what is still open is closed."""
    for name in backends(spec):
        if not runtime.servers(name).get(slot):
            continue
        runtime.set(f"set server {name}/{slot} weight 0")
        runtime.ask(f"shutdown sessions server {name}/{slot}")
        runtime.set(f"set server {name}/{slot} fqdn {FREE}")


def sessions(spec, runtime):
    """Open sessions by slot, those of all ports together with the application's own."""
    total = dict(runtime.sessions(spec["app"]))
    for name in backends(spec):
        for slot, count in runtime.sessions(name).items():
            total[slot] = total.get(slot, 0) + count
    return total


def look(spec, runtime, taken, wanted):
    """Where a port leads elsewhere than the application's own backend."""
    for name, one in backends(spec).items():
        current = runtime.servers(name)
        for slot, host in taken.items():
            found = current.get(slot, {})
            if found.get("host") != host:
                yield differs(f"port {one['port']} of {spec['app']} to {host}", "host", host, found.get("host"))
            elif found["weight"] != wanted[host]:
                yield differs(f"port {one['port']} of {spec['app']} to {host}", "weight", wanted[host], found["weight"])
