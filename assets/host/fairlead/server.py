"""What the server really is, next to what was declared. Looks, and changes nothing."""

import importlib
import json

from .job import statuses
from .legacy import understood
from .lib.errors import HostError
from .lib.run import run

# What may be said of a thing whose declaration holds a secret.
OPEN = {"presence", "mode", "owner", "kind"}


def look(spec):
    """
    Input: {items: [{id, verb, input, secret}]}: `verb` has the words of a declared call of these tools, `input` what it got.
    Returns {items: {id: {differences, unseen}}, engine, jobs}: a difference is {thing, aspect, declared, found}, where null
    means "not there"; `unseen` says why a look was impossible; `engine` is what Docker has;
    `jobs` is how the applications' jobs ended last.
    """
    return {"items": {item["id"]: look_at(item) for item in spec["items"]}, "engine": engine(), "jobs": jobs()}


def jobs():
    """Results are shown beside what differs; notes that can't be read hide nothing else."""
    try:
        return list(statuses())
    except (HostError, OSError, ValueError, KeyError):
        return []


def look_at(item):
    found, unseen = [], None
    try:
        for difference in differences(item):
            found.append(conceal(difference) if item["secret"] else difference)
    # Whatever was done to the server by hand: one look that is impossible doesn't hide the others, nor what it saw before.
    except Exception as error:
        words = str(error) if isinstance(error, (HostError, OSError)) else f"{type(error).__name__}: {error}"
        unseen = words if not item["secret"] else "see the other differences"
    return {"differences": found, "unseen": unseen}


def differences(item):
    """Those of a call that makes something; what confirms or brings up to date leaves nothing behind that could drift."""
    noun, verb, spec = understood(item["verb"].split(), item["input"])
    module = importlib.import_module(f".{noun.replace('-', '_')}", __package__)
    return module.look(spec) if verb == "apply" and hasattr(module, "look") else ()


def conceal(difference):
    """Values of secrets stay on the server."""
    if difference["aspect"] in OPEN:
        return difference
    return {**difference, "declared": None, "found": None, "concealed": True}


def engine():
    """What Docker has; where it is gone, or stops while it is asked, the rest of the server is shown all the same."""
    try:
        if run(["docker", "version", "--format", "{{.Server.Version}}"], check=False).returncode != 0:
            return {"unseen": "the Docker engine does not answer"}
        return running()
    except HostError as error:
        return {"unseen": str(error)}


def running():
    """Containers, what their images bring along, networks and volumes, as Docker shows them."""
    containers = inspected("container", ["docker", "ps", "--all", "--quiet", "--no-trunc"])
    images = sorted({container["Image"] for container in containers})
    result = run(["docker", "image", "inspect", *images], check=False) if images else None
    known = json.loads(result.stdout or "[]") if result else []
    return {
        "containers": containers,
        "images": {image["Id"]: {key: image["Config"].get(key) for key in ("Env", "Labels")} for image in known},
        "imageIds": run(["docker", "image", "ls", "--all", "--quiet", "--no-trunc"]).stdout.split(),
        "networks": inspected("network", ["docker", "network", "ls", "--quiet", "--no-trunc"]),
        "volumes": run(["docker", "volume", "ls", "--quiet"]).stdout.split(),
    }


def inspected(kind, listing):
    names = run(listing).stdout.split()
    # One of them may go while they are read; the others are printed all the same.
    return json.loads(run(["docker", kind, "inspect", *names], check=False).stdout or "[]") if names else []
