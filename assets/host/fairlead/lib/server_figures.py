"""Figures of the server as lines for Prometheus: (name, labels, value). Names are those of config/metrics.ts."""

import http.client
import os
import re

from . import machine, pem, timers
from .haproxy import FREE, runtime_of
from .run import run

# A process that prepares a release runs once, and its container stays for its output.
PREPARES = "release"
# stub_status of the edge (components/edge).
STATUS = ("127.0.0.1", 8405, "/status")
CONTAINER_LOGS = "/var/lib/docker/containers"


def of_containers(containers, kills):
    for one in containers:
        if one["task"] or one["process"] == PREPARES or one["state"] == "created":
            continue
        labels = labels_of(one)
        yield ("fairlead_container_running", labels, int(one["state"] == "running"))
        # Docker keeps the last word about one that was stopped.
        yield ("fairlead_container_healthy", labels, {"healthy": 1, "unhealthy": 0}.get(one["health"]) if one["state"] == "running" else None)
        yield ("fairlead_container_memory_bytes", labels, one["memory"])
        yield ("fairlead_container_memory_limit_bytes", labels, one["limit"])
        yield ("fairlead_container_cpu_seconds_total", labels, one["cpu"])
        yield ("fairlead_container_start_timestamp_seconds", labels, one["started"])
        yield ("fairlead_container_restarts_total", labels, one["restarts"])
        yield ("fairlead_container_oom_kills_total", labels, kills.get(one["name"], 0))


def labels_of(one):
    """An application's container by application, process and release; one of the infrastructure by its service."""
    if one["release"] is None:
        return {"container": one["name"], "service": one["service"]}
    return {"container": one["name"], "app": one["service"], "process": one["process"] or "web", "release": one["release"]}


def of_releases(spec, containers):
    """Which release has which place at the switch, and what share of the traffic; and who runs without a place."""
    runtime, named, placed = runtime_of(spec["socket"]), {one["name"]: one for one in containers}, {}
    for app in sorted({one["service"] for one in containers if one["release"]}):
        slots = {slot: entry for slot, entry in runtime.servers(app).items() if entry["host"] != FREE}
        if not slots:
            continue
        total, shares = sum(entry["weight"] for entry in slots.values()), {}
        for slot, entry in sorted(slots.items()):
            release = named.get(entry["host"], {}).get("release")
            if release is None:
                continue
            shares[release] = shares.get(release, 0) + entry["weight"]
            yield ("fairlead_switch_slot", {"proxy": app, "server": slot, "release": release, "container": entry["host"]}, 1)
        for release, weight in sorted(shares.items()):
            yield ("fairlead_release_weight", {"app": app, "release": release}, weight / total if total else 0)
        placed[app] = set(shares)
    yield from ages(containers)
    yield from left_over(containers, placed)


def ages(containers):
    born = {}
    for one in containers:
        if one["release"] and one["created"] and not one["task"]:
            key = (one["service"], one["release"])
            born[key] = min(one["created"], born.get(key, one["created"]))
    for (app, release), created in sorted(born.items()):
        yield ("fairlead_release_created_timestamp_seconds", {"app": app, "release": release}, created)


def left_over(containers, placed):
    """Running containers of releases that the switch doesn't know, of applications that it knows."""
    counts = {(app, release): 0 for app, releases in placed.items() for release in releases}
    for one in containers:
        app, release = one["service"], one["release"]
        if app in placed and release and release not in placed[app] and one["state"] == "running" and not one["task"]:
            counts[app, release] = counts.get((app, release), 0) + 1
    for (app, release), count in sorted(counts.items()):
        yield ("fairlead_container_left_over", {"app": app, "release": release}, count)


def of_timers(_spec, _containers):
    for one in timers.own():
        labels = {"unit": one["name"]}
        yield ("fairlead_unit_failed", labels, int(one["result"] not in (None, "success")))
        yield ("fairlead_unit_last_success_timestamp_seconds", labels, one["ended"] if one["result"] == "success" else None)
        yield ("fairlead_unit_next_run_timestamp_seconds", labels, one["next"] if not one["running"] else None)


# (time of its last change, its life): openssl is asked once for each certificate.
KNOWN = {}


def of_certificate(spec, _containers):
    path = os.path.join(spec["root"], "tls", "edge", "fullchain.pem")
    if not os.path.exists(path):
        # The edge comes after it, at the first update.
        return
    changed = os.stat(path).st_mtime_ns
    if KNOWN.get("changed") != changed:
        KNOWN.update(changed=changed, life=pem.lifetime(pem.blocks(path)[0]))
    begin, end = KNOWN["life"]
    yield ("fairlead_certificate_not_before_timestamp_seconds", {}, begin)
    yield ("fairlead_certificate_not_after_timestamp_seconds", {}, end)


NGINX = re.compile(
    r"Active connections: (?P<active>\d+) \nserver accepts handled requests\n (?P<accepted>\d+) (?P<handled>\d+) (?P<requests>\d+) \n"
    r"Reading: (?P<reading>\d+) Writing: (?P<writing>\d+) Waiting: (?P<waiting>\d+)"
)


def of_nginx(_spec, _containers):
    """Named as its own exporter names them; its page is on the server's loopback, which no container reaches."""
    host, port, path = STATUS
    connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", path)
        found = NGINX.search(connection.getresponse().read().decode(errors="replace"))
    except (OSError, http.client.HTTPException):
        found = None
    finally:
        connection.close()
    yield ("nginx_up", {}, int(found is not None))
    for name, value in (found.groupdict() if found else {}).items():
        yield ("nginx_http_requests_total" if name == "requests" else f"nginx_connections_{name}", {}, value)


def of_machine(_spec, _containers):
    yield ("fairlead_reboot_waiting", {}, int(os.path.exists(machine.REBOOT)))


def updates():
    """Packages that a newer version waits for, as apt knows without asking anybody."""
    answer = run(["apt-get", "--simulate", "--quiet=2", "--no-download", "upgrade"], check=False).stdout
    yield ("fairlead_updates_waiting", {}, sum(line.startswith("Inst ") for line in answer.splitlines()))


def folders(spec):
    """Sizes of what grows (M41)."""
    for name, paths in present(spec):
        answer = run(["du", "--summarize", "--total", "--block-size=1", "--one-file-system", *paths], check=False).stdout if paths else ""
        if answer.strip():
            yield ("fairlead_folder_bytes", {"folder": name}, answer.splitlines()[-1].split()[0])


def present(spec):
    """[(name, folders)] of what grows, as far as it is there."""
    places = {"logs": ["/var/log", CONTAINER_LOGS], "backups": [os.path.join(spec["root"], "backups")], **spec["volumes"]}
    return [(name, [path for path in paths if os.path.isdir(path)]) for name, paths in sorted(places.items())]
