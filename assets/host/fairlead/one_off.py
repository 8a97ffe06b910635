"""A one-off: a command that a person runs in a container of its own, like those of the release that serves."""

import glob
import os
import secrets
import shutil

from .lib import twins
from .lib.errors import HostError
from .lib.handover import WEB
from .lib.run import run


def create(spec):
    """
    Input: {app, release, process?, command, terminal, stdin}. Makes the container and doesn't start it: `docker start
    --attach` does, with the caller's terminal. Returns {name}.
    """
    found = twins.model(spec["release"], names_of(spec))
    sweep(found)
    name = f"run-{spec['app']}-{secrets.token_hex(4)}"
    options = {key: spec[key] for key in ("terminal", "stdin")}
    twins.create(found, name, spec["command"], {"task": "one-off", "process": name}, name, **options)
    return {"name": name}


def end(spec):
    """Input: {name}. Removes the container, whether or not it has ended. Returns {name}."""
    if not spec["name"].startswith("run-"):
        raise HostError(f"{spec['name']} is no one-off")
    twins.discard(spec["name"], spec["name"])
    return {"name": spec["name"]}


def names_of(spec):
    """Containers of the release, those that run first; of one process, where it is named."""
    filters = ["--filter", f"label=service={spec['app']}", "--filter", f"name=^/?{spec['release']}(-|$)"]
    fields = '{{.Names}}\t{{.State}}\t{{.Label "process"}}'
    lines = run(["docker", "ps", "--all", "--format", fields, *filters]).stdout.splitlines()
    found = [(name, state, process or WEB) for name, state, process in sorted(line.split("\t") for line in lines)]
    chosen = [one for one in found if spec.get("process") in (None, one[2])]
    if found and not chosen:
        known = ", ".join(sorted({process for _, _, process in found}))
        raise HostError(f"the release {spec['release']} has no process {spec['process']}; known: {known}")
    return [name for name, _, _ in sorted(chosen, key=lambda one: one[1] != "running")]


def sweep(found):
    """What others have left that have ended, or whose connection was lost: containers, and copies without a container."""
    listed = run(["docker", "ps", "--all", "--filter", "label=task=one-off", "--format", "{{.Names}} {{.State}}"]).stdout
    states = dict(line.split(" ", 1) for line in listed.splitlines())
    for name, state in states.items():
        if state in ("exited", "dead"):
            twins.discard(name, name)
    release = twins.release_of(found)
    for mount in found.get("Mounts") or []:
        parts = mount.get("Source", "").split("/")
        if release and release in parts:
            for folder in glob.glob("/".join([*parts[: parts.index(release)], "run-*"])):
                if os.path.basename(folder) not in states:
                    shutil.rmtree(folder, ignore_errors=True)
