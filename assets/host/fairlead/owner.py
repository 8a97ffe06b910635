"""
One server, one owner. The marker says which stack may change this server, and on what its data depends.

{project, stack, name, id, holds}: `id` is the identity of the stack's state, so that a second state of the same stack is
another owner; `holds` is what can't change without leaving data behind, and {before: {holds, at}} what it was. A server
that was given away has {free: true} in addition to its former owner; one that a version without markers has made, and
that its own stack took over, {adopted: true}.
"""

import contextlib
import fcntl
import json
import os
import time

from .lib import going
from .lib.errors import HostError
from .lib.files import MANIFESTS, read, replace
from .lib.holds import check_holds, data_here, flat, found_holds, free_holds, left_behind, major_here, shared_here, traces

MARKER = os.path.join(MANIFESTS, "owner.json")
# They compare the owner themselves, or only look.
ASK_THEMSELVES = {("owner", "claim"), ("owner", "leave"), ("lock", "hold"), ("server", "look")}
# What a person may take back at the console to get in again.
FREE = ("sshd", "swap")
LOCK = "/run/fairlead-claim.lock"
# Seconds in which a change of what data depends on may be taken back: as long as an update and its watch may last.
WAY_BACK = 1800
UNCHANGED = "Nothing was changed."


def claim(spec):
    """
    Input: {when: create or update, project, stack, name, id, holds}. Runs before the tools are replaced and before
    anything else: makes the stack this server's owner, or refuses.
    """
    # Of two that come at once, one is first.
    with open(LOCK, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        claim_alone(spec.pop("when"), spec)


def claim_alone(when, wanted):
    known = marker()
    if known is None:
        adopted = claim_unmarked(when, wanted)
    elif known.get("free"):
        if when == "update" and known["id"] != wanted["id"]:
            check_traces(wanted)
        adopted = False
    else:
        refuse_other(known, wanted["id"])
        if known["name"] == wanted["name"] or traces(known["name"]):
            check_change(with_left(known), wanted["holds"], known.get("before"))
        adopted = known.get("adopted", False)
    write({**wanted, **({"adopted": True} if adopted else {}), **before_this(known, wanted["holds"]), **left_by(known, wanted["holds"])})


def known_holds(known):
    """What a marker says, with what an earlier version didn't note."""
    holds = known["holds"]
    database = holds.get("database")
    if database and "major" not in database:
        database = {**database, "major": major_here(holds["name"])}
    if database and "databases" not in holds:
        return {**holds, "database": database, "databases": shared_here(holds["name"], database["name"])}
    return {**holds, "database": database}


def with_left(known):
    """And what applications had that are gone, or that used none for a while: one that comes back finds its data, or is refused."""
    holds, left = known_holds(known), known.get("left", {})
    return {**holds, "databases": {**left, **holds.get("databases", {})}} if left else holds


def left_by(known, wanted):
    """Part of the marker: {left: what applications had that no longer say so}."""
    # Without Postgres its volume is gone, and with it every database.
    if not known or known.get("free") or not wanted.get("database"):
        return {}
    had, now = with_left(known).get("databases", {}), wanted.get("databases", {})
    forgotten = known["holds"].get("forgotten", [])
    left = {key: name for key, name in had.items() if key not in now and key not in forgotten and name not in now.values()}
    return {"left": left} if left else {}


def check_change(known, wanted, before):
    """What data depends on stays, or becomes what it was a short while ago: an update that fails is taken back."""
    try:
        check_holds(known, wanted)
    except HostError:
        if not before or not 0 <= time.time() - before["at"] < WAY_BACK:
            raise
        earlier = flat(before["holds"])
        # That an application had no database of its own before is no reason to give it an empty one in place of its data.
        if any(now != earlier.get(other) for _, _, other, now in left_behind(flat(known), flat(wanted))):
            raise
        check_holds(before["holds"], wanted)


def before_this(known, wanted):
    """Part of the marker: what was declared before the last change of it, and when that was."""
    if not known or known.get("free"):
        return {}
    # An earlier version didn't note the databases of applications, which were there all the same.
    earlier = {**{key: wanted[key] for key in ("databases", "prefixes") if key in wanted}, **known_holds(known)}
    if earlier != wanted:
        return {"before": {"holds": earlier, "at": int(time.time())}}
    return {"before": known["before"]} if "before" in known else {}


def claim_unmarked(when, wanted):
    """A server without a marker is new, or built anew, or made by a version without markers. Returns which, for the last."""
    old = os.path.isdir(MANIFESTS) and any(name.endswith(".json") for name in os.listdir(MANIFESTS))
    if when == "create":
        if old or data_here():
            raise HostError(
                f"this server already belongs to a stack, from a version that left no name. {UNCHANGED} "
                "Update that stack from its own checkout, or take it down there. When it is gone for good: "
                f"docs/server.md, Another owner, has the steps; the folder {MANIFESTS} tells that it was here."
            )
        return False
    if not old:
        check_traces(wanted)
    check_holds(found_holds(), wanted["holds"])
    return old


def check_traces(wanted):
    """An update of a stack that holds data needs the server that has it."""
    if (wanted["holds"]["database"] or wanted["holds"]["cache"]) and not traces(wanted["name"]):
        raise HostError(
            f"{wanted['stack']} was deployed before, and this server has nothing of it: its data is elsewhere, or lost. {UNCHANGED} "
            "Its address was changed: put the old one back; to move, dump the data, npm run down, change the address, npm run up, "
            f"load the dump. The old server is gone for good: npm run down -- --stack {wanted['stack']} --forget, then npm run up."
        )


def allowed(noun, verb, spec):
    """
    Refuses a caller that may not change this server; removes the name of the owner from the input. A call without an
    owner is one of a version without markers, or of a person: who may do everything at the console but remove things.
    """
    if (noun, verb) in ASK_THEMSELVES:
        return
    owner = spec.pop("ownerId", None) if isinstance(spec, dict) else None
    known = marker()
    if known is None or known.get("free") and owner is None:
        return
    if owner is not None:
        refuse_other(known, owner)
    elif verb == "remove" and noun not in FREE and not known.get("adopted"):
        refuse_other(known, "none")


def refuse_other(known, owner):
    if known["id"] == owner and not known.get("free"):
        return
    if known.get("free"):
        raise HostError(f"this server was given away with `fairlead disown`; npm run up claims it again. {UNCHANGED}")
    raise HostError(
        f"this server belongs to the stack {known['stack']} of {known['project']} (system {known['name']}, {known['id']}). {UNCHANGED} "
        "Give the stack a server of its own, or take this one over: docs/server.md, Another owner. On the server: "
        f"fairlead disown {known['id']}"
    )


def leave(spec):
    """The last word of a stack that goes: refuses where another owns the server, before the tools are removed."""
    allowed("owner", "remove", {"ownerId": spec.get("id")})


def apply(_spec):
    """Nothing: what counts is `remove`."""


def remove(_spec):
    """The first that goes when a stack is deleted: where another owns the server, `allowed` has refused it already. Volumes go with it."""
    going.go()


def disown(identity):
    """Gives the server away, deliberately: {identity} is the present owner's. Nothing else is changed."""
    known = marker()
    if known is None or known.get("free"):
        raise HostError("no stack owns this server: nothing was changed")
    if known["id"] != identity:
        raise HostError(f"the owner's identity is {known['id']}, not {identity}: nothing was changed")
    write({**known, "free": True})
    return (
        f"{known['stack']} of {known['project']} (system {known['name']}) no longer owns this server; its data stays.\n"
        "What still runs of it takes ports, memory and names. When the next owner shall have them:\n"
        f"  docker rm -f $(docker ps -aq --filter label=managed-by=fairlead --filter label=app={known['name']})\n"
        "Its volumes, and deleting one is for ever:\n"
        "  docker volume ls"
    )


def forget(key):
    """Lets a setting change that data depends on, once: `database.name`, `database`, `cache`, `name`, `apps.NAME.database`."""
    known = marker()
    if known is None or known.get("free"):
        raise HostError("no stack owns this server: nothing was changed")
    if key in known.get("left", {}):
        del known["left"][key]
    else:
        free_holds(known["holds"], key)
    write(known)
    return f"The next update may change {key}. docs/server.md, Changing what holds data, says what happens to the data."


def marker():
    text = read(MARKER)
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        known = json.loads(text)
        if isinstance(known, dict) and {"project", "stack", "name", "id", "holds"} <= set(known):
            return known
    raise HostError(f"{MARKER} can't be read as the name of this server's owner; its copy is {MARKER}.before. {UNCHANGED}")


def write(known):
    os.makedirs(MANIFESTS, mode=0o700, exist_ok=True)
    old = read(MARKER)
    content = (json.dumps(known, sort_keys=True, indent=2) + "\n").encode()
    if old == content:
        return
    if old is not None:
        replace(f"{MARKER}.before", old, {"mode": "0600"})
    replace(MARKER, content, {"mode": "0600"})
