"""What a person asks first: what runs on this server, how it goes, what is due. Only looks; all parts at the same time."""

import concurrent.futures
import os
import time

from . import certificate, job, lock
from .figures import look as figures
from .lib import inventory, machine, stores, timers
from .lib.errors import HostError
from .lib.prometheus import Prometheus
from .owner import marker

ROOT = "/opt"


def look(spec):
    """
    Input: {socket?, queries?}: HAProxy's runtime API, and PromQL by name. Returns {at, system, run, …parts}: a part that can't be seen is {unseen: why}, and
    hides no other one. Times in seconds of the epoch, sizes in bytes.
    """
    system = (marker() or {}).get("name")
    containers = seen(inventory.containers)
    stored = {one["service"]: one for one in containers.get("list", ()) if one["system"] == system and one["state"] == "running"}
    parts = {
        "machine": (machine.look,),
        "switch": (figures, {"socket": spec["socket"]}) if "socket" in spec else (unknown, "the stack's version names no switch"),
        "database": (stores.database, stored.get("postgres")),
        "cache": (stores.cache, stored.get("redis"), os.path.join(ROOT, system or "", "cache")),
        "ownCaches": (stores.own_caches, stored, os.path.join(ROOT, system or "", "caches")),
        "certificate": (certificate.present,),
        "monitoring": (monitored, stored.get("prometheus"), spec.get("queries", {})),
        "jobs": (listed, job.statuses),
        "timers": (listed, timers.own),
        "failed": (listed, timers.failed),
    }
    with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
        asked = {name: pool.submit(seen, *call) for name, call in parts.items()}
        found = {name: future.result() for name, future in asked.items()}
    return {"at": time.time(), "system": system, "run": lock.present(), "containers": containers, **found}


def monitored(container, queries):
    """{alerts, figures: {query's name: [{labels, value}]}}; None where no Prometheus runs."""
    if not container:
        return None
    server = Prometheus(container["name"])
    return {"alerts": server.alerts(), "figures": {name: server.now(query) for name, query in sorted(queries.items())}}


def listed(statuses):
    return {"list": list(statuses())}


def unknown(words):
    raise HostError(words)


def seen(ask, *args):
    """Whatever was done to the server by hand: one look that is impossible doesn't hide the others."""
    try:
        return ask(*args)
    except (HostError, OSError) as error:
        return {"unseen": str(error)}
    except Exception as error:
        return {"unseen": f"{type(error).__name__}: {error}"}
