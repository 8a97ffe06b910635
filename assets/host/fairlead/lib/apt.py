"""Debian's packages. Another process may be at them: a fresh server updates itself after it starts, and so do we."""

import os
import time

from .errors import say
from .run import checked, run

# Longest wait for the process that holds one of the locks, in seconds.
PATIENCE = 600
# DPkg::Lock::Timeout waits for dpkg's own locks only; those of the lists and of the downloads are refused at once.
REFUSED = "E: Could not get lock "
OPTIONS = ["-qq", "-o", f"DPkg::Lock::Timeout={PATIENCE}", "-o", "Dpkg::Options::=--force-confold"]


def install_packages(names):
    """Installs packages by name, without what they only recommend."""
    refresh()
    apt_get("install", ["-y", "--no-install-recommends", *names], timeout=1800)


def upgrade():
    """Brings all packages up to date, with the new ones that they need; removes none."""
    refresh()
    apt_get("upgrade", ["-y", "--with-new-pkgs"], timeout=3600)


def refresh():
    """Reads the package lists anew."""
    apt_get("update", [], timeout=900)


def apt_get(verb, arguments, timeout):
    argv = ["apt-get", verb, *OPTIONS, *arguments]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    deadline = time.monotonic() + PATIENCE
    said = False
    while True:
        result = run(argv, env=env, check=False, timeout=timeout)
        if REFUSED not in result.stderr or time.monotonic() > deadline:
            return checked(argv, result)
        if not said:
            say(f"waiting: {holder(result.stderr)}")
            said = True
        time.sleep(1)


def holder(words):
    """apt's line on who holds the lock."""
    return next(line[len("E: ") :] for line in words.splitlines() if line.startswith(REFUSED))
