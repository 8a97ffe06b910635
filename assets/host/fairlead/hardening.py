"""Hardening of the system beyond firewall and SSH. What this server can't do is said by name, never passed over."""

import json
import os

from . import files
from .lib.differences import differs
from .lib.errors import HostError, say
from .lib.files import discard, known_files, read, replace
from .lib.rollback import bring_back, snapshot
from .lib.run import run
from .lib.units import owned

LOGIN = "/etc/login.defs"
LOGIN_KEPT = "/var/lib/fairlead/login.defs.json"
ORIGINALS = "/var/lib/fairlead/originals.json"
CLOCK = "systemd-timesyncd"


def apply(spec):
    """
    Input: {name, packages, files, units, sysctl: {path, content}, login: {KEY: value}, neverBanned?: {path, addresses, gateway},
    clock: bool}. `gateway` keeps fail2ban from banning the network's own gateway, from which a box sees all connections of
    this machine come.

    Returns {skipped: [what this server can't do, and why]}.
    """
    declared, kernel, skipped = resolved(spec)
    keep_originals(spec["name"], [file["path"] for file in declared["files"]])
    written = files.apply(declared)["files"]
    edit_login(spec["login"])
    if spec["sysctl"]["path"] in written or overruled(kernel):
        run(["sysctl", "--quiet", "--ignore", "--load", spec["sysctl"]["path"]])
    for line in skipped:
        say(f"not on this server: {line}")
    return {"skipped": skipped}


def resolved(spec):
    """What this server can have of it: (a declaration of files, kernel settings, what it can't and why)."""
    skipped = []
    kernel = spec["sysctl"]["content"]
    packages, units = list(spec["packages"]), list(spec["units"])
    if in_container():
        kernel, names = own_settings(kernel)
        skipped.append(f"kernel settings of the whole machine ({', '.join(names)}): a container shares its kernel")
        skipped.append("time synchronisation: a container has no clock of its own")
        skipped.append("drivers (modprobe.d): the machine outside loads them, the list has no effect here")
    elif spec["clock"] and not keeps_time():
        packages.append(CLOCK)
        units.append({"name": f"{CLOCK}.service", "enabled": True, "running": True})
    declared = [{"path": spec["sysctl"]["path"], "mode": "0644", "content": kernel}]
    declared += spec["files"]
    if "neverBanned" in spec:
        declared.append(never_banned(**spec["neverBanned"]))
    return {"name": spec["name"], "packages": packages, "files": declared, "units": units}, kernel, skipped


def overruled(kernel):
    """Kernel settings whose live value is another: [(name, declared, found)]; one that this kernel doesn't have isn't."""
    settings = [line.partition("=") for line in kernel.splitlines() if line and line[0] != "#"]
    found = []
    for name, _, value in settings:
        live = read("/proc/sys/" + name.strip().replace(".", "/"))
        if live is not None and live.decode().split() != value.split():
            found.append((name.strip(), value.strip(), " ".join(live.decode().split())))
    return found


def remove(spec):
    """The distribution's own settings again; packages stay."""
    kept, originals = known_files(spec["name"]), json.loads(read(ORIGINALS) or b"{}")
    edit_login(json.loads(read(LOGIN_KEPT) or b"{}"), keep=False)
    stopped = owned(spec["name"])
    files.remove({"name": spec["name"], "files": [{"path": path} for path in kept], "units": spec["units"]})
    for path, old in originals.items():
        bring_back(path, old)
    discard(LOGIN_KEPT)
    discard(ORIGINALS)
    run(["systemctl", "daemon-reload"])
    for unit in spec["units"]:
        if unit.get("restartOn") and unit["name"] not in stopped:
            run(["systemctl", "try-restart", unit["name"]], check=False)


def look(spec):
    """Packages, files, login rules, units, and the kernel's live settings."""
    declared, kernel, _ = resolved(spec)
    yield from files.look(declared)
    for name, value, found in overruled(kernel):
        yield differs(f"kernel setting {name}", "value", value, found)
    lines = [line.split() for line in read(LOGIN).decode().splitlines()]
    login = {words[0]: words[1] for words in lines if len(words) > 1 and words[0][0] != "#"}
    for key, value in spec["login"].items():
        if login.get(key) != value:
            yield differs(LOGIN, key, value, login.get(key))


def keep_originals(name, paths):
    """Files of the distribution that are about to be overwritten the first time, for `remove`."""
    ours = known_files(name)
    originals = json.loads(read(ORIGINALS) or b"{}")
    for path in paths:
        if path not in ours and path not in originals and os.path.exists(path):
            originals[path] = snapshot(path)
    os.makedirs(os.path.dirname(ORIGINALS), mode=0o700, exist_ok=True)
    replace(ORIGINALS, json.dumps(originals).encode(), {"mode": "0600"})


def own_settings(text):
    """The lines of a container's own network, and the names of the others."""
    lines = text.splitlines()
    names = [line.partition("=")[0].strip() for line in lines if line and line[0] not in "#n"]
    kept = [line for line in lines if line.partition("=")[0].strip() not in names]
    return "\n".join(kept).rstrip() + "\n", names


def edit_login(wanted, keep=True):
    """Values in login.defs(5), which knows no second file; what was there is kept for `remove`."""
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


def never_banned(path, addresses, gateway):
    """The part of fail2ban's settings that only the server itself knows (jail.conf(5))."""
    ignored = " ".join([*(gateways() if gateway else []), *addresses])
    return {"path": path, "mode": "0644", "content": f"[DEFAULT]\nignoreip = {ignored}\n"}


def gateways():
    routes = json.loads(run(["ip", "-json", "route", "show", "default"]).stdout or "[]")
    found = [route["gateway"] for route in routes if "gateway" in route]
    if not found:
        raise HostError("this box has no gateway: `ip route` on it shows no default route")
    return found


def keeps_time():
    """Whether a daemon keeps the clock right that is not systemd's."""
    units = ["chrony.service", "ntp.service", "ntpsec.service", "openntpd.service"]
    return "active" in run(["systemctl", "is-active", *units], check=False).stdout.split()


def in_container():
    return run(["systemd-detect-virt", "--container", "--quiet"], check=False).returncode == 0
