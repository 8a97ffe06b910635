"""What data depends on: settings whose change would leave data behind, or delete it. Compared, and found where no marker has them."""

import json
import os

from .errors import HostError
from .files import read
from .run import run

LABELS = ["--filter", "label=managed-by=fairlead"]
# What a version without markers called them, in addition to <name>_….
VOLUMES = ("postgres_data", "redis_data")
# The files of another major version go with the database, once its data is elsewhere.
FORGET = {"database.major": "database"}
WAYS = {
    "name": "the name of the system",
    "database": "Postgres; switched off, its volume is deleted",
    "database.name": "the database of that name; another one begins empty",
    "database.owner": "the tables of that role; another one may not read them",
    "database.major": "the files of that major version of Postgres; another one can't read them",
    "cache": "Redis; switched off, its volume is deleted",
}


def check_holds(known, wanted):
    """Refuses a claim that differs where data depends on it: {name, database: {name, owner} or none, cache, databases, prefixes}."""
    before, after = flat(known), flat(wanted)
    for key, value in before.items():
        if key.startswith("apps.") or value is None or value == after.get(key):
            continue
        change = f"{key}: {value} → {after.get(key)}" if "." in key or key == "name" else f"{key}.enabled: true → false"
        raise HostError(
            f"{change} would leave data behind: {WAYS[key]}. Nothing was changed. "
            "Put the old value back. To keep the data under the new one, or to begin anew: docs/server.md, Changing what "
            f"holds data; it ends with this, on the server: fairlead forget {FORGET.get(key, key)}"
        )
    for key, value, other, now in left_behind(before, after):
        named = now if other == key else f"{other}: {now}"
        what = "keys of the cache" if key.endswith(".cache") else "database"
        raise HostError(
            f"{key}: {value} → {named} would leave data behind: the {what} that the application uses; under another name it begins "
            "without its data. Nothing was changed. Put the old value back. To take the data along: docs/server.md, Another "
            f"database for an application, has the commands. To begin empty, on the server: fairlead forget {key}"
        )


def left_behind(before, after):
    """
    (setting, what it was, setting, what it would be): applications that would begin without their data. One that goes, or uses
    no database any more, leaves its data where it is.
    """
    for key, value in before.items():
        if not key.startswith("apps.") or value is None or value == after.get(key):
            continue
        if after.get(key) is not None:
            yield key, value, key, after[key]
            continue
        kind = ".".join(key.split(".")[:2]) + ".database"
        others = {name: now for name, now in after.items() if name.startswith(kind) and before.get(name) is None}
        if key.startswith(kind) and others and value not in others.values():
            yield (key, value, *sorted(others.items())[0])


def flat(holds):
    """Setting → value; without what was forgotten, and none for what isn't there."""
    database = holds.get("database") or {}
    values = {
        "name": holds.get("name"),
        "database": True if database else None,
        "database.name": database.get("name"),
        "database.owner": database.get("owner"),
        "database.major": database.get("major"),
        "cache": holds.get("cache") or None,
        # {apps.NAME.database: its name}, {apps.NAME.cache: its prefix}; nothing where a version without it wrote the marker.
        **holds.get("databases", {}),
        **holds.get("prefixes", {}),
    }
    return {key: None if key in holds.get("forgotten", []) else value for key, value in values.items()}


def free_holds(holds, key):
    """Notes that {key} may change at the next claim, which notes its new value and nothing forgotten."""
    keys = [name for name, value in flat(holds).items() if value is not None]
    if key not in keys:
        raise HostError(f"no data depends on {key!r} here; known: {', '.join(keys) or 'nothing'}. Nothing was changed")
    # Without a database nothing depends on its name.
    below = [name for name in keys if name.startswith(f"{key}.")]
    holds["forgotten"] = sorted({*holds.get("forgotten", []), key, *below})


def found_holds():
    """What the containers of a version without markers say about it; nothing where Docker doesn't answer."""
    found = {}
    for container in containers():
        config = container["Config"]
        labels = config.get("Labels") or {}
        if labels.get("service") == "postgres":
            found["name"] = labels.get("app")
            environment = dict(entry.partition("=")[::2] for entry in config.get("Env") or [])
            check = (config.get("Healthcheck") or {}).get("Test") or []
            owner = check[check.index("-U") + 1] if "-U" in check[:-1] else None
            found["database"] = {"name": environment.get("POSTGRES_DB"), "owner": owner, "major": major_here(found["name"])}
        if labels.get("service") == "redis":
            found["name"] = labels.get("app")
            found["cache"] = True
    if "database" in found:
        found["databases"] = shared_here(found["name"], found["database"]["name"])
    return found


def shared_here(name, database):
    """Applications that use the shared database, as their containers say: earlier versions had no other, and noted none."""
    found = {}
    for container in containers():
        config = container["Config"]
        labels = config.get("Labels") or {}
        variables = {entry.partition("=")[0] for entry in config.get("Env") or []}
        if labels.get("app") == name and variables & {"DATABASE_URL", "DATABASE_URL_FILE"}:
            found[f"apps.{labels.get('service')}.database"] = database
    return found


def major_here(name):
    """Major version of Postgres whose files a system's volume has (PostgreSQL's manual, "Database File Layout"); None without any."""
    for volume in (f"{name}_{VOLUMES[0]}", VOLUMES[0]):
        place = words(["docker", "volume", "inspect", "-f", "{{.Mountpoint}}", volume])
        text = read(os.path.join(place[0], "PG_VERSION")) if len(place) == 1 else None
        if text:
            return text.decode(errors="replace").strip()
    return None


def containers():
    names = words(["docker", "ps", "--all", "--quiet", *LABELS])
    return json.loads(run(["docker", "inspect", *names], check=False).stdout or "[]") if names else []


def data_here():
    """Whether containers of some stack are on this server."""
    return bool(words(["docker", "ps", "--all", "--quiet", *LABELS]))


def traces(name):
    """Whether this server has volumes or containers of that system."""
    volumes = words(["docker", "volume", "ls", "--quiet"])
    ours = {*VOLUMES, *(f"{name}_{volume}" for volume in VOLUMES)}
    return bool(ours & set(volumes)) or bool(words(["docker", "ps", "--all", "--quiet", *LABELS, "--filter", f"label=app={name}"]))


def words(argv):
    try:
        return run(argv, check=False).stdout.split()
    except HostError:
        return []
