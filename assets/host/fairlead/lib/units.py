"""
Units of systemd as declared: {name, service?, timer?, enabled?, running?, restartOn?, owned?}.

`service` and `timer` are texts of unit files that come with the declaration, named like the unit. `enabled` starts it
with the server, `running` now; where they are absent it is left as it is. A changed text, or a changed file of
`restartOn`, restarts it. What has a text of its own, or is `owned`, stops when it is no longer declared.
"""

import json
import os

from .differences import differs, whole
from .files import MANIFESTS, discard, known_files, read, replace
from .run import run

FOLDER = "/etc/systemd/system"
KINDS = ("service", "timer")


def files_of(units):
    """The unit files that a declaration brings."""
    return [
        {"path": path_of(unit, kind), "mode": "0644", "content": unit[kind]} for unit in units for kind in KINDS if kind in unit
    ]


def path_of(unit, kind):
    return os.path.join(FOLDER, f"{unit['name'].rpartition('.')[0]}.{kind}")


def follow(name, units, changed):
    """Restarts what reads one of the {changed} files, and has the others enabled and running as declared."""
    if any(path.startswith(FOLDER + "/") for path in changed):
        run(["systemctl", "daemon-reload"])
    restarted = [unit["name"] for unit in units if read_by(unit) & set(changed)]
    if restarted:
        run(["systemctl", "restart", *restarted])
    for options, chosen in (
        (["enable", "--quiet", "--now"], lambda unit: unit.get("enabled") and unit.get("running")),
        (["enable", "--quiet"], lambda unit: unit.get("enabled") and not unit.get("running")),
        (["start"], lambda unit: unit.get("running") and not unit.get("enabled")),
    ):
        names = [unit["name"] for unit in units if chosen(unit)]
        if names:
            run(["systemctl", *options, *names])
    note(name, [unit["name"] for unit in units if unit.get("owned")])


def read_by(unit):
    """Paths whose change restarts a unit."""
    return {*unit.get("restartOn", []), *(path_of(unit, kind) for kind in KINDS if kind in unit)}


def stop_forgotten(name, units):
    """Stops what an earlier declaration had as its own and this one has not; before its files go."""
    declared = {unit["name"] for unit in units}
    wanted = {file["path"] for file in files_of(units)}
    forgotten = [unit for unit in owned(name) if unit not in declared]
    forgotten += [os.path.basename(path) for path in known_files(name) if is_unit(path) and path not in wanted]
    stop(forgotten)


def stop(names):
    """A timer whose files go while it runs counts as failed, and the whole system as degraded."""
    for unit in names:
        run(["systemctl", "disable", "--quiet", "--now", unit], check=False)
        run(["systemctl", "reset-failed", "--quiet", unit], check=False)


def remove(name, units):
    """Stops what is the declaration's own; its files go with the others."""
    stop(dict.fromkeys([*owned(name), *(unit["name"] for unit in units if unit.get("owned") or any(kind in unit for kind in KINDS))]))
    discard(note_of(name))


def is_unit(path):
    return os.path.dirname(path) == FOLDER and path.endswith(tuple(f".{kind}" for kind in KINDS))


def owned(name):
    return json.loads(read(note_of(name)) or b"[]")


def note(name, names):
    if names or read(note_of(name)) is not None:
        os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
        replace(note_of(name), json.dumps(names).encode(), {"mode": "0600"})


def note_of(name):
    return os.path.join(MANIFESTS, f"{name.replace('/', '_')}-units.json")


def look(units):
    for file in files_of(units):
        yield from whole(file)
    for unit in units:
        yield from state(unit["name"], unit.get("enabled"), unit.get("running"))


def state(unit, enabled=True, running=True):
    """Whether a unit starts with the server, and runs now."""
    found = run(["systemctl", "is-enabled", unit], check=False).stdout.strip() or "not found"
    if enabled and found not in ("enabled", "enabled-runtime", "static", "alias", "generated"):
        yield differs(f"unit {unit}", "enabled", "enabled", found)
    now = run(["systemctl", "is-active", unit], check=False).stdout.strip()
    if running and now not in ("active", "activating", "reloading"):
        yield differs(f"unit {unit}", "active", "active", now)
