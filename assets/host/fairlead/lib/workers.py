"""
HAProxy's processes from before a reload. They end what they have under way, and no socket of theirs answers any more, so the
kernel is asked what they are connected to (proc(5): /proc/PID/fd, /proc/PID/net/tcp).
"""

import contextlib
import os
import sys

from .gate import inspect

ESTABLISHED = "01"


def connected(container, current, addresses):
    """
    Connections to {addresses} (IPv4) of all processes of {container} but its present one.

    {current} is the number of the present process, as the container counts (`show info`, Pid).
    """
    wanted = {reversed_hex(address) for address in addresses}
    return sum(count(pid, wanted) for pid in former(inspect(container)["State"]["Pid"], current)) if wanted else 0


def former(master, current):
    """Processes that a master has started, but for the present one."""
    return [pid for pid in children(master) if read_status(pid).get("NSpid", [""])[-1] != str(current)]


def children(master):
    """Processes that a process of this machine has started."""
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and read_status(pid).get("PPid") == [str(master)]]


def read_status(pid):
    """Fields of /proc/PID/status; none of a process that has ended meanwhile."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="utf8") as file:
        return {key: value.split() for key, _, value in (line.partition(":") for line in file)}
    return {}


def count(pid, wanted):
    inodes = set()
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                inodes.add(os.readlink(f"/proc/{pid}/fd/{name}"))
    with contextlib.suppress(OSError), open(f"/proc/{pid}/net/tcp", encoding="utf8") as file:
        rows = [line.split() for line in file.readlines()[1:]]
        return sum(
            1
            for row in rows
            if row[3] == ESTABLISHED and row[2].partition(":")[0] in wanted and f"socket:[{row[9]}]" in inodes
        )
    return 0


def reversed_hex(address):
    """An IPv4 address as the kernel writes it there: its bytes in the machine's order."""
    parts = bytes(int(part) for part in address.split("."))
    return format(int.from_bytes(parts, sys.byteorder), "08X")
