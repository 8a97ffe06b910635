"""Hardening of the system beyond firewall and SSH. What this server can't do is said by name, never passed over."""

import json
import os

from .apt import upgrade
from .errors import HostError, say
from .files import apply, discard, due_note, followed, manifest, read, remove, replace
from .rollback import bring_back, snapshot
from .run import run

LOGIN = "/etc/login.defs"
LOGIN_KEPT = "/var/lib/fairlead/login.defs.json"
ORIGINALS = "/var/lib/fairlead/originals.json"
# Units that were ours at the last declaration, so that one that no longer is stops.
OURS = "/var/lib/fairlead/hardening-units.json"
UPDATED = "/var/lib/fairlead/updated"
# Name under which files wait for the restart of their units; `apply` has the declaration's own.
UNITS = "hardening-units"


def harden(spec):
    """
    Input: {name, packages, files, sysctl: {path, content}, login: {KEY: value}, services: [unit], ours: [unit], restart: {path: [unit]},
    clock: bool, gateway: bool}. `gateway` keeps fail2ban from banning the network's own gateway, where a box sees all of
    this machine's connections come from.

    Returns {skipped: [what this server can't do, and why]}.
    """
    declared, kernel, skipped = resolved(spec)
    keep_originals(spec["name"], [file["path"] for file in declared["files"]])
    done = apply(declared)
    with followed(UNITS, done["files"]) as due:
        edit_login(spec["login"])
        if spec["sysctl"]["path"] in due or overruled(kernel):
            run(["sysctl", "--quiet", "--ignore", "--load", spec["sysctl"]["path"]])
        follow({**spec, "services": declared["services"]}, due)
    for line in skipped:
        say(f"not on this server: {line}")
    return {"skipped": skipped}


def resolved(spec):
    """What this server can have of it: (files and packages for `apply` with the services, kernel settings, what it can't and why)."""
    skipped = []
    kernel = spec["sysctl"]["content"]
    packages, services = list(spec["packages"]), list(spec["services"])
    if in_container():
        kernel, names = own_settings(kernel)
        skipped.append(f"kernel settings of the whole machine ({', '.join(names)}): a container shares its kernel")
        skipped.append("time synchronisation: a container has no clock of its own")
        skipped.append("drivers (modprobe.d): the machine outside loads them, the list has no effect here")
    elif spec["clock"] and not keeps_time():
        packages.append("systemd-timesyncd")
        services.append("systemd-timesyncd.service")
    files = [{"path": spec["sysctl"]["path"], "mode": "0644", "content": kernel}]
    files += [with_gateway(file) if spec["gateway"] else file for file in spec["files"]]
    return {"name": spec["name"], "packages": packages, "files": files, "services": services}, kernel, skipped


def overruled(kernel):
    """Kernel settings whose live value is another: [(name, declared, found)]; one that this kernel doesn't have isn't."""
    settings = [line.partition("=") for line in kernel.splitlines() if line and line[0] != "#"]
    found = []
    for name, _, value in settings:
        live = read("/proc/sys/" + name.strip().replace(".", "/"))
        if live is not None and live.decode().split() != value.split():
            found.append((name.strip(), value.strip(), " ".join(live.decode().split())))
    return found


def unharden(spec):
    """The distribution's own settings again; packages stay."""
    kept = json.loads(read(manifest(spec)) or b"[]")
    edit_login(json.loads(read(LOGIN_KEPT) or b"{}"), keep=False)
    originals = json.loads(read(ORIGINALS) or b"{}")
    remove({"name": spec["name"], "files": [{"path": path} for path in kept]})
    for path, old in originals.items():
        bring_back(path, old)
    discard(LOGIN_KEPT)
    discard(ORIGINALS)
    discard(OURS)
    discard(due_note(UNITS))
    run(["systemctl", "daemon-reload"])
    if spec["ours"]:
        run(["systemctl", "disable", "--quiet", "--now", *spec["ours"]], check=False)
    for units in spec["restart"].values():
        run(["systemctl", "try-restart", *units], check=False)


def update_system(_spec):
    """Brings all packages up to date, once in the life of a server; later updates install themselves (H4)."""
    if read(UPDATED) is not None:
        return {"updated": False}
    say("bringing the system's packages up to date")
    upgrade()
    os.makedirs(os.path.dirname(UPDATED), mode=0o700, exist_ok=True)
    replace(UPDATED, b"", {"mode": "0600"})
    reboot = os.path.exists("/run/reboot-required")
    if reboot:
        say("a new kernel waits for a reboot; it comes at the declared hour, or type `reboot` on the server")
    return {"updated": True, "reboot": reboot}


def keep_originals(name, paths):
    """Files of the distribution that are about to be overwritten the first time, for `unharden`."""
    ours = json.loads(read(manifest({"name": name})) or b"[]")
    originals = json.loads(read(ORIGINALS) or b"{}")
    for path in paths:
        if path not in ours and path not in originals and os.path.exists(path):
            originals[path] = snapshot(path)
    os.makedirs(os.path.dirname(ORIGINALS), mode=0o700, exist_ok=True)
    replace(ORIGINALS, json.dumps(originals).encode(), {"mode": "0600"})


def follow(spec, written):
    """Starts what is declared, restarts what has a new configuration or is new itself, and stops what is no longer ours."""
    gone = [unit for unit in json.loads(read(OURS) or b"[]") if unit not in spec["ours"]]
    if gone:
        run(["systemctl", "disable", "--quiet", "--now", *gone], check=False)
    replace(OURS, json.dumps(spec["ours"]).encode(), {"mode": "0600"})
    changed = [unit for path, units in spec["restart"].items() if path in written for unit in units]
    if changed:
        run(["systemctl", "daemon-reload"])
        run(["systemctl", "restart", *dict.fromkeys(changed)])
    if spec["services"]:
        run(["systemctl", "enable", "--quiet", "--now", *spec["services"]])


def own_settings(text):
    """The lines of a container's own network, and the names of the others."""
    lines = text.splitlines()
    names = [line.partition("=")[0].strip() for line in lines if line and line[0] not in "#n"]
    kept = [line for line in lines if line.partition("=")[0].strip() not in names]
    return "\n".join(kept).rstrip() + "\n", names


def edit_login(wanted, keep=True):
    """Values in login.defs(5), which knows no second file; what was there is kept for `unharden`."""
    if not wanted:
        return
    lines = read(LOGIN).decode().splitlines()
    old = {}
    for key, value in wanted.items():
        places = [index for index, line in enumerate(lines) if line.split()[:1] == [key]]
        old[key] = lines[places[0]].split()[1] if places else None
        for index in reversed(places):
            del lines[index]
        if value is not None:
            lines.insert(places[0] if places else len(lines), f"{key}\t{value}")
    text = "\n".join(lines) + "\n"
    if keep and read(LOGIN_KEPT) is None:
        replace(LOGIN_KEPT, json.dumps(old).encode(), {"mode": "0600"})
    if read(LOGIN).decode() != text:
        replace(LOGIN, text.encode(), {"mode": "0644"})


def with_gateway(file):
    if not file["path"].endswith("jail.local"):
        return file
    routes = json.loads(run(["ip", "-json", "route", "show", "default"]).stdout or "[]")
    gateways = " ".join(route["gateway"] for route in routes if "gateway" in route)
    if not gateways:
        raise HostError("this box has no gateway: `ip route` on it shows no default route")
    return {**file, "content": file["content"].replace("ignoreip = ", f"ignoreip = {gateways} ")}


def keeps_time():
    """Whether a daemon keeps the clock right that is not systemd's."""
    units = ["chrony.service", "ntp.service", "ntpsec.service", "openntpd.service"]
    return "active" in run(["systemctl", "is-active", *units], check=False).stdout.split()


def in_container():
    return run(["systemd-detect-virt", "--container", "--quiet"], check=False).returncode == 0
