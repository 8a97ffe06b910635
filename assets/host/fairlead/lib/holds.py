"""What data depends on: settings whose change would leave data behind, or delete it. Compared, and found where no marker has them."""

import json
import os

from .errors import HostError
from .files import read
from .run import run

LABELS = ["--filter", "label=managed-by=fairlead"]
# What a version without markers called them, in addition to <name>_….
VOLUMES = ("postgres_data", "redis_data")
# A Redis that is one application's own stands among the prefixes as the host of that name; a prefix has a colon at its end.
OWN_CACHE = "cache-"
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


def check_holds(known, wanted, noted=None):
    """
    Refuses a claim that differs where data depends on it: {name, database: {name, owner} or none, cache, databases, prefixes}.
    {noted} are the settings that the tools on this server can let go; all of them by default.
    """
    before, after = flat(known), flat(wanted)
    for key, value in before.items():
        if key.startswith("apps.") or value is None or value == after.get(key):
            continue
        change = f"{key}: {value} → {after.get(key)}" if "." in key or key == "name" else f"{key}.enabled: true → false"
        raise HostError(
            f"{change} would leave data behind: {WAYS[key]}. Nothing was changed. "
            "Put the old value back. To keep the data under the new one, or to begin anew: docs/server.md, Changing what "
            f"holds data; it ends with this, {letting_go([FORGET.get(key, key)], noted)}"
        )
    for key, value, other, now in left_behind(before, after):
        named = now if other == key else f"{other}: {now}"
        what = "keys of the cache" if key.endswith(".cache") else "database"
        raise HostError(
            f"{key}: {value} → {named} would leave data behind: the {what} that the application uses; under another name it begins "
            "without its data. Nothing was changed. Put the old value back. To take the data along: docs/server.md, Another "
            f"database for an application, has the commands. To begin empty, {letting_go([key], noted)}"
        )


def letting_go(keys, noted):
    """How a person lets settings change. Tools that didn't note a setting don't let it go either: those of this version come first."""
    words = f"on the server: {' && '.join(f'fairlead forget {key}' for key in keys)}"
    if noted is None or set(keys) <= set(noted):
        return words
    return f"after one npm run up with the old value, which brings tools that know it, {words}"


def check_renamed(known, wanted, there, signs=None, noted=None):
    """
    Refuses a claim in which one application goes and another comes, each with a database or prefix of its own, that seem to be
    one under another name: it would begin without its data. Those of {there} have been here before. {signs} is what tells
    each, before and now: {application: [its image, its addresses]}; where an earlier version noted none, any two may be one.
    """
    before, shared = flat(known), (wanted.get("database") or {}).get("name")
    for kind, what, setting in (("databases", "database", "name"), ("prefixes", "keys of the cache", "prefix")):
        now, held = wanted.get(kind, {}), known.get(kind, {})
        stay, had = {application(key) for key in now}, {application(key) for key in held}
        goes = {key: before[key] for key in sorted(held) if application(key) not in stay and before[key] not in (None, *now.values())}
        comes = {key: value for key, value in sorted(now.items()) if application(key) not in had and value not in (shared, *there)}
        found = ((key, other, in_common(*signs, key, other) if signs else []) for key in goes for other in comes)
        key, other, both = next((one for one in found if one[2] is not None), (None, None, None))
        if key is None:
            continue
        value, begins = goes[key], comes[other]
        why = f" Both have {both[0]}, as one application under another name would." if both else ""
        keep = f"needs: [database] in place of {other}" if value == shared else f"{other}.{setting}: {value}"
        if value.startswith(OWN_CACHE) and not value.endswith(":"):
            keep = f"{other}: {{dedicated: true, name: {value[len(OWN_CACHE):]}}}"
        raise HostError(
            f"{key}: {value} goes and {other}: {begins} comes, which begins without data.{why} Nothing was changed. "
            f"An application under another name keeps its {what} with {keep}. Of two applications, remove the one first, and add "
            f"the other with the next update; or type, {letting_go(goes, noted)}"
        )


def in_common(signs_before, signs_now, key, other):
    """What two applications have in common; none where nothing, and [] where it isn't known of one of them."""
    before, now = signs_before.get(application(key)), signs_now.get(application(other))
    if not before or not now:
        return []
    return [sign for sign in before if sign in now] or None


def application(key):
    """`apps.NAME.database` → NAME."""
    return key.split(".")[1]


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
        # {apps.NAME.database: its name}, {apps.NAME.cache: its prefix, or the host of its own Redis}; nothing where a version without it wrote the marker.
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
    own = [volume for volume in volumes if volume.startswith(f"{name}_") and volume.endswith(f"_{VOLUMES[1]}")]
    return bool(own or ours & set(volumes)) or bool(words(["docker", "ps", "--all", "--quiet", *LABELS, "--filter", f"label=app={name}"]))


def words(argv):
    try:
        return run(argv, check=False).stdout.split()
    except HostError:
        return []
