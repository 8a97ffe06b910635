"""A volume of an application: it outlives releases, and the setting that declared it (decision 0041)."""

import json
import os

from .lib.differences import differs
from .lib.errors import HostError, say
from .lib.going import is_going
from .lib.run import run


def apply(spec):
    """Input: {volume, system, app, owner?, mode?}; `backup` is for backups. Makes it where it isn't there; what is in it stays as it is."""
    if inspect(spec["volume"]) is None:
        labels = {"managed-by": "fairlead", "app": spec["system"], "service": spec["app"]}
        options = [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
        run(["docker", "volume", "create", *options, spec["volume"]])
    folder = mountpoint(spec)
    if "mode" in spec:
        os.chmod(folder, int(spec["mode"], 8))
    if "owner" in spec:
        user, group = (int(number) for number in spec["owner"].split(":"))
        os.chown(folder, user, group)


def remove(spec):
    """Its data stays where a person only removed a setting; with the whole stack it goes, as all data does."""
    if inspect(spec["volume"]) is None:
        return
    if is_going():
        run(["docker", "volume", "rm", spec["volume"]])
    else:
        say(f"{spec['volume']} is no longer declared and keeps its data; `docker volume rm {spec['volume']}` deletes it")


def look(spec):
    if inspect(spec["volume"]) is None:
        yield differs(f"volume {spec['volume']}", "presence", "volume", None)
        return
    folder = mountpoint(spec)
    found = os.stat(folder)
    mode = f"0{found.st_mode & 0o777:03o}"
    if "mode" in spec and mode != spec["mode"]:
        yield differs(f"volume {spec['volume']}", "mode", spec["mode"], mode)
    owner = f"{found.st_uid}:{found.st_gid}"
    if "owner" in spec and owner != spec["owner"]:
        yield differs(f"volume {spec['volume']}", "owner", spec["owner"], owner)


def mountpoint(spec):
    folder = inspect(spec["volume"])["Mountpoint"]
    if not os.path.isdir(folder):
        raise HostError(f"Docker says that the volume {spec['volume']} is in {folder}, and there is no such folder")
    return folder


def inspect(volume):
    """What Docker says of it; None where there is none."""
    found = run(["docker", "volume", "inspect", volume], check=False)
    return json.loads(found.stdout)[0] if found.returncode == 0 else None
