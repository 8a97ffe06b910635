"""What one component declares of a server: packages, accounts, folders, files, links, units and entries of cron."""

import os
import shutil

from .lib import cron, differences, links, units, users
from .lib.errors import HostError
from .lib.files import (
    check_space, discard, due_note, ensure_directory, followed, install, known_files, manifest, remember, restore, write,
)
from .lib.run import run


def apply(spec, verify=lambda: None):
    """
    Makes the server match {name, packages, recommended, users, directories, files, links, units, cron, check}.

    `check` commands run after the files are written, and so does {verify}; if one fails the old files come back. Units are
    restarted only when something that they read was written, by this update or by one that a restart failed after.
    """
    name, declared, declared_units = spec["name"], files_of(spec), spec.get("units", [])
    check_space([entry["path"] for entry in spec.get("directories", []) + declared])
    installed = install(spec.get("packages", []), spec.get("recommended", []))
    users.apply(spec.get("users", []))
    for directory in spec.get("directories", []):
        ensure_directory(directory)
    units.stop_forgotten(name, declared_units)
    changes = [change for change in map(write, declared) if change]
    paths = {file["path"] for file in declared}
    changes += [change for change in map(discard, (path for path in known_files(name) if path not in paths)) if change]
    try:
        for argv in spec.get("check", []):
            run(argv)
        verify()
    except HostError as error:
        for path, old in reversed(changes):
            restore(path, old)
        raise HostError(f"the new files were refused and the old ones are back: {error}") from error
    remember(name, declared)
    links.apply(spec.get("links", []))
    written = sorted(path for path, _ in changes)
    with followed(name, written + installed) as due:
        units.follow(name, declared_units, due)
    return {"files": written, "packages": installed}


def remove(spec):
    """Removes the component's files and units, and its directories where they are empty or marked `purge`."""
    name, declared_units = spec["name"], spec.get("units", [])
    units.remove(name, declared_units)
    for file in files_of(spec):
        discard(file["path"])
    for directory in reversed(spec.get("directories", [])):
        if directory.get("purge"):
            shutil.rmtree(directory["path"], ignore_errors=True)
        elif os.path.isdir(directory["path"]) and not os.listdir(directory["path"]):
            os.rmdir(directory["path"])
    if declared_units or any(file["path"].startswith(units.FOLDER + "/") for file in files_of(spec)):
        run(["systemctl", "daemon-reload"])
    discard(manifest(name))
    discard(due_note(name))


def look(spec):
    yield from differences.packages(spec.get("packages", []), spec.get("recommended", []))
    yield from users.look(spec.get("users", []))
    for directory in spec.get("directories", []):
        yield from differences.directory(directory)
    for file in [*spec.get("files", []), *cron.files_of(spec.get("cron", []))]:
        yield from differences.whole(file)
    yield from links.look(spec.get("links", []))
    yield from units.look(spec.get("units", []))


def files_of(spec):
    return [*spec.get("files", []), *units.files_of(spec.get("units", [])), *cron.files_of(spec.get("cron", []))]
