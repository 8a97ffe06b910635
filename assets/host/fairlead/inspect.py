"""What the server really is, beside what was declared. Looks, and changes nothing."""

import json

from . import look_certificate, look_files, look_host, look_services
from .errors import HostError
from .run import run

# A look for each verb that makes something. A verb that isn't here leaves nothing behind that could drift.
LOOKS = {
    "tools": look_files.tools,
    "apply": look_files.apply,
    "swap": look_files.swap,
    "certificate": look_certificate.certificate,
    "issue": look_certificate.issue,
    "edge": look_files.edge,
    "gate": look_services.gate,
    "configure-switch": look_files.apply,
    "gate-switch": look_services.gate,
    "login": look_services.login,
    "reload-database": look_services.reload_database,
    "allow": look_services.allow,
    "switch": look_services.switch,
    "refresh": look_services.refresh,
    "firewall": look_host.firewall,
    "sshd": look_host.sshd,
    "account": look_host.account,
    "harden": look_host.harden,
}
# What may be told of a thing whose declaration holds a secret.
OPEN = {"presence", "mode", "owner", "kind"}


def inspect(spec):
    """
    Input: {items: [{id, verb, input, secret}]}: `verb` and `input` are what a declared call of these tools had.
    Returns {items: {id: {differences, unseen}}, engine}: a difference is {thing, aspect, declared, found}, where null
    means "not there"; `unseen` says why a look was impossible; `engine` is what Docker has.
    """
    return {"items": {item["id"]: look(item) for item in spec["items"]}, "engine": engine()}


def look(item):
    verb = LOOKS.get(item["verb"])
    if verb is None:
        return {"differences": [], "unseen": None}
    found, unseen = [], None
    try:
        for difference in verb(item["input"]):
            found.append(conceal(difference) if item["secret"] else difference)
    # Whatever somebody did to the server: one look that is impossible doesn't keep the others from being told, nor what
    # it had seen before.
    except Exception as error:
        words = str(error) if isinstance(error, (HostError, OSError)) else f"{type(error).__name__}: {error}"
        unseen = words if not item["secret"] else "see the other differences"
    return {"differences": found, "unseen": unseen}


def conceal(difference):
    """Values of secrets stay on the server."""
    if difference["aspect"] in OPEN:
        return difference
    return {**difference, "declared": None, "found": None, "concealed": True}


def engine():
    """What Docker has; where it is gone, or stops while it is asked, the rest of the server is told all the same."""
    try:
        if run(["docker", "version", "--format", "{{.Server.Version}}"], check=False).returncode != 0:
            return {"unseen": "the Docker engine does not answer"}
        return held()
    except HostError as error:
        return {"unseen": str(error)}


def held():
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
