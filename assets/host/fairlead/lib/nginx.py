"""A reload of Nginx, and the workers that it leaves behind: they end what they have under way, WebSockets too."""

import contextlib
import os
import signal
import time

from .errors import HostError, say
from .gate import inspect
from .run import run
from .workers import children

# As Nginx names them (src/os/unix/ngx_process_cycle.c).
WORKER, LEAVING = "nginx: worker process", "nginx: worker process is shutting down"


# Seconds that Nginx may take to read its files and to start its workers.
READING = 20


class NotTaken(HostError):
    """Nginx keeps its old configuration: something that only its start finds, such as a port that another program has."""


def reload(container, kept=8):
    """
    Has Nginx read its files, and waits until it has: a reload is only a signal, and Nginx says in its log alone that it
    keeps the old ones. Workers of the last {kept} reloads go on.
    """
    # Before the reload, which makes one generation more: its own workers aren't known as leaving for a moment.
    end_oldest(container, max(0, kept - 1))
    before, began = present(container), time.time()
    run(["docker", "exec", container, "nginx", "-c", "/etc/fairlead/live/nginx.conf", "-s", "reload"])
    while not (now := present(container)) or now & before:
        if time.time() - began > READING:
            raise NotTaken(f"Nginx keeps its old configuration.\n{emergencies(container, began)}")
        time.sleep(0.05)


def present(container):
    """Workers that take connections: {process}."""
    return {pid for pid, title in titles(inspect(container)["State"]["Pid"]) if title == WORKER}


def emergencies(container, since):
    """Why, in Nginx's own words (ngx_core_module, error_log: what it can't go on with is an emergency)."""
    logs = run(["docker", "logs", "--since", f"{since:.0f}", container], check=False)
    lines = (logs.stdout + logs.stderr).strip().splitlines()
    return "\n".join([line for line in lines if "[emerg]" in line][-5:] or lines[-5:]) or "(no log lines)"


def end_oldest(container, kept):
    """Ends the workers that have been leaving longest, but for as many generations as are {kept}."""
    workers = [(born(pid), int(pid), title) for pid, title in titles(inspect(container)["State"]["Pid"])]
    leaving = sorted((time, pid) for time, pid, title in workers if title == LEAVING)
    present = sum(1 for _, _, title in workers if title == WORKER)
    surplus = leaving[: max(0, len(leaving) - kept * max(1, present))]
    if surplus:
        say(f"{container}: ending {len(surplus)} workers of earlier reloads, with what they still had open")
    for _, pid in surplus:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def titles(master):
    for pid in children(master):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            yield pid, file.read().rstrip(b"\0 ").decode(errors="replace")


def born(pid):
    """When a process was started, in clock ticks since the machine's start (proc(5), field 22 of stat)."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf8") as file:
        return int(file.read().rpartition(")")[2].split()[19])
    return 0
