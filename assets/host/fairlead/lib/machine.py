"""The server itself: load, memory, swap, disk (proc(5): loadavg, meminfo, uptime)."""

import os

# Debian's and Ubuntu's sign that a new kernel or library waits for a start of the server.
REBOOT = "/run/reboot-required"
PROC = "/proc"
DISK = "/"
KIBIBYTE = 1024


def look():
    """Sizes in bytes, times in seconds."""
    fields = memory()
    disk = os.statvfs(DISK)
    return {
        "uptime": float(text("uptime").split()[0]),
        "load": [float(one) for one in text("loadavg").split()[:3]],
        "cores": os.cpu_count(),
        "memory": {"total": fields["MemTotal"], "available": fields["MemAvailable"]},
        "swap": {"total": fields["SwapTotal"], "free": fields["SwapFree"]},
        # As df counts: what is reserved for root is neither used nor free.
        "disk": {"used": (disk.f_blocks - disk.f_bfree) * disk.f_frsize, "free": disk.f_bavail * disk.f_frsize},
        "inodes": {"total": disk.f_files, "free": disk.f_favail},
        "reboot": os.path.exists(REBOOT),
    }


def memory():
    pairs = (line.split()[:2] for line in text("meminfo").splitlines())
    return {name.rstrip(":"): int(value) * KIBIBYTE for name, value in pairs}


def text(name):
    with open(os.path.join(PROC, name), encoding="ascii") as file:
        return file.read()
