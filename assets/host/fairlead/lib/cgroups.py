"""
Memory and processor time of a container, as the kernel counts them (cgroups(7)): the engine's own statistics take a second
for each container.
"""

import os

CONTROL, PROC = "/sys/fs/cgroup", "/proc"


def usage(found):
    """(bytes that can't be given back at once, seconds of processors) of a container as `docker inspect` shows it; None where unknown."""
    groups = groups_of(found["State"]["Pid"])
    if "memory" in groups:
        return first_version({name: os.path.join(CONTROL, name, path.lstrip("/")) for name, path in groups.items()})
    return second_version(os.path.join(CONTROL, groups.get("", "").lstrip("/")))


def groups_of(pid):
    """{controller: path}: those of the first version, and "" for the second."""
    lines = [line.rstrip("\n").split(":", 2) for line in text(os.path.join(PROC, str(pid), "cgroup")).splitlines()]
    return {name: path for _, names, path in lines for name in names.split(",")}


def second_version(folder):
    kept = number(fields(folder, "memory.stat"), "inactive_file")
    busy = number(fields(folder, "cpu.stat"), "usage_usec")
    return less(single(folder, "memory.current"), kept), None if busy is None else busy / 1e6


def first_version(folders):
    kept = number(fields(folders["memory"], "memory.stat"), "total_inactive_file")
    busy = single(folders.get("cpuacct", ""), "cpuacct.usage")
    return less(single(folders["memory"], "memory.usage_in_bytes"), kept), None if busy is None else busy / 1e9


def less(used, kept):
    if used is None:
        return None
    return used - kept if kept is not None and kept < used else used


def single(folder, name):
    content = text(os.path.join(folder, name)).strip()
    return int(content) if content.isdigit() else None


def fields(folder, name):
    return dict(line.split(" ", 1) for line in text(os.path.join(folder, name)).splitlines() if " " in line)


def number(found, name):
    return int(found[name]) if found.get(name, "").strip().isdigit() else None


def text(path):
    """Nothing of a container that has ended meanwhile."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
