"""A swap file of a declared size."""

import os

from .files import read, replace
from .run import run

TABLE = "/etc/fstab"


def swap(spec):
    """Makes {bytes} of swap in {file} available now and after each boot; changes nothing when it is there."""
    file = spec["file"]
    if os.path.exists(file) and os.path.getsize(file) == spec["bytes"] and active(file):
        return
    unswap(spec)
    with open(file, "wb") as handle:
        os.fchmod(handle.fileno(), 0o600)
        os.posix_fallocate(handle.fileno(), 0, spec["bytes"])
    run(["mkswap", file])
    run(["swapon", file])
    table = (read(TABLE) or b"").decode()
    replace(TABLE, f"{table.rstrip()}\n{entry(file)}".lstrip().encode(), {"mode": "0644"})


def unswap(spec):
    """Takes the swap file away."""
    file = spec["file"]
    if active(file):
        run(["swapoff", file])
    if os.path.exists(file):
        os.remove(file)
    table = (read(TABLE) or b"").decode()
    if entry(file) in table:
        replace(TABLE, table.replace(entry(file), "").encode(), {"mode": "0644"})


def entry(file):
    return f"{file} none swap sw 0 0\n"


def active(file):
    return any(line.split()[0] == file for line in (read("/proc/swaps") or b"").decode().splitlines()[1:])
