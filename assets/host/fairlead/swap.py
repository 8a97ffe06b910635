"""A swap file of a declared size."""

import os

from .files import read, replace
from .run import run

FILE = "/swapfile"
ENTRY = f"{FILE} none swap sw 0 0"


def swap(spec):
    """Makes {bytes} of swap available now and after each boot; changes nothing when it is there."""
    if os.path.exists(FILE) and os.path.getsize(FILE) == spec["bytes"] and active():
        return
    unswap(spec)
    with open(FILE, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        os.posix_fallocate(file.fileno(), 0, spec["bytes"])
    run(["mkswap", FILE])
    run(["swapon", FILE])
    table = (read("/etc/fstab") or b"").decode()
    replace("/etc/fstab", f"{table.rstrip()}\n{ENTRY}\n".lstrip().encode(), {"mode": "0644"})


def unswap(_spec):
    if active():
        run(["swapoff", FILE])
    if os.path.exists(FILE):
        os.remove(FILE)
    table = (read("/etc/fstab") or b"").decode()
    if ENTRY in table:
        replace("/etc/fstab", table.replace(ENTRY + "\n", "").encode(), {"mode": "0644"})


def active():
    return any(line.split()[0] == FILE for line in (read("/proc/swaps") or b"").decode().splitlines()[1:])
