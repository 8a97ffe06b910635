"""
Containers like one of a release: same image, settings, secrets, volumes, limits and network, but another command. What
such a container is made of is read from the release's own container, so that nothing is said twice.
"""

import json
import os
import shutil

from .engine import ask
from .errors import HostError
from .run import run

# What of a container's configuration is the release's; hostname, health check and ports are its own.
SAME = ("Env", "User", "WorkingDir", "Entrypoint", "StopSignal", "StopTimeout")


def model(release, containers):
    """The first container of a release that is there, as Docker shows it."""
    for name in containers:
        found = run(["docker", "inspect", "--type", "container", name], check=False)
        if found.returncode == 0:
            return json.loads(found.stdout)[0]
    raise HostError(f"no container of the release {release} is on this server; npm run up makes them again")


def create(found, name, command, labels, place, **options):
    """
    Makes a container {name} like the {found} one, and doesn't start it; returns its identity. {place} names the copies of
    folders that go with the release: it may be deleted while this container runs. Options: memory in bytes; terminal, stdin
    and remove for what a person starts.
    """
    release = release_of(found)
    host = {
        **found["HostConfig"],
        "RestartPolicy": {"Name": "no"},
        "PortBindings": {},
        "PublishAllPorts": False,
        "AutoRemove": options.get("remove", False),
        "ContainerIDFile": "",
    }
    if options.get("memory"):
        host.update({"Memory": options["memory"], "MemorySwap": options["memory"], "MemoryReservation": 0})
    networks = list(found["NetworkSettings"]["Networks"])
    shared = host.get("NetworkMode", "").partition(":")[0] in ("host", "none", "container")
    if networks and not shared:
        host["NetworkMode"] = networks[0]
    host["Mounts"] = [kept_mount(mount, release, place) for mount in host.get("Mounts") or []]
    host["Binds"] = [kept_bind(bind, release, place) for bind in host.get("Binds") or []]
    terminal, stdin = options.get("terminal", False), options.get("stdin", False)
    body = {
        **{key: found["Config"][key] for key in SAME if found["Config"].get(key) is not None},
        "Image": found["Image"],
        "Cmd": command,
        "Healthcheck": {"Test": ["NONE"]},
        "Labels": {**labels_of(found), **labels, "release": release},
        "Tty": terminal,
        "OpenStdin": stdin,
        "StdinOnce": stdin,
        "AttachStdin": stdin,
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": host,
        **({"NetworkingConfig": {"EndpointsConfig": {networks[0]: {}}}} if networks and not shared else {}),
    }
    return ask("POST", "/containers/create", {"name": name}, body)["Id"]


def labels_of(found):
    known = found["Config"].get("Labels") or {}
    return {key: known[key] for key in ("app", "managed-by", "service") if key in known}


def release_of(found):
    environment = dict(entry.partition("=")[::2] for entry in found["Config"].get("Env") or [])
    return environment.get("RELEASE", "")


def kept_mount(mount, release, place):
    return {**mount, "Source": kept(mount["Source"], release, place)} if mount.get("Type") == "bind" else mount


def kept_bind(bind, release, place):
    source, colon, rest = bind.partition(":")
    return kept(source, release, place) + colon + rest


def kept(source, release, place):
    """
    A folder of the release as one that stays: beside it, with links to the same files. A single file that is mounted stays
    anyway, and so does a folder that isn't the release's own.
    """
    parts = source.split("/")
    if not release or release not in parts or not os.path.isdir(source):
        return source
    parts[parts.index(release)] = place
    copy = "/".join(parts)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy, symlinks=True, copy_function=os.link)
    os.chown(copy, os.stat(source).st_uid, os.stat(source).st_gid)
    return copy


def forget(found, place):
    """Removes the copies that a container had at {place}; {found} is the container, as Docker shows it."""
    for mount in found.get("Mounts") or []:
        parts = (mount.get("Source") or "").split("/")
        if place in parts:
            shutil.rmtree("/".join(parts[: parts.index(place) + 1]), ignore_errors=True)


def discard(name, place):
    """Removes a container of ours, if it is there, with its anonymous volumes and copies."""
    result = run(["docker", "inspect", "--type", "container", name], check=False)
    if result.returncode != 0:
        return
    found = json.loads(result.stdout)[0]
    run(["docker", "rm", "--force", "--volumes", name], check=False)
    forget(found, place)
