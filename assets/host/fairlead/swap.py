"""A swap file of a declared size."""

import os

from .lib.differences import differs
from .lib.files import read, replace
from .lib.run import run

TABLE = "/etc/fstab"


def apply(spec):
    """Makes {bytes} of swap in {file} available now and after each boot; changes nothing when it is there."""
    file = spec["file"]
    if os.path.exists(file) and os.path.getsize(file) == spec["bytes"] and active(file):
        return
    remove(spec)
    with open(file, "wb") as handle:
        os.fchmod(handle.fileno(), 0o600)
        os.posix_fallocate(handle.fileno(), 0, spec["bytes"])
    run(["mkswap", file])
    run(["swapon", file])
    table = (read(TABLE) or b"").decode()
    replace(TABLE, f"{table.rstrip()}\n{entry(file)}".lstrip().encode(), {"mode": "0644"})


def remove(spec):
    """Removes the swap file."""
    file = spec["file"]
    if active(file):
        run(["swapoff", file])
    if os.path.exists(file):
        os.remove(file)
    table = (read(TABLE) or b"").decode()
    if entry(file) in table:
        replace(TABLE, table.replace(entry(file), "").encode(), {"mode": "0644"})


def look(spec):
    file = spec["file"]
    size = os.path.getsize(file) if os.path.exists(file) else None
    if size != spec["bytes"]:
        yield differs(file, "size", spec["bytes"], size)
    elif not active(file):
        yield differs(file, "swap", "in use", "not in use")
    if entry(file) not in (read(TABLE) or b"").decode():
        yield differs(TABLE, "swap", entry(file).strip(), None)


def entry(file):
    return f"{file} none swap sw 0 0\n"


def active(file):
    return any(line.split()[0] == file for line in (read("/proc/swaps") or b"").decode().splitlines()[1:])
