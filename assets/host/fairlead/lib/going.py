"""Whether the whole stack is being deleted: what keeps its data when it is merely no longer declared goes then."""

import contextlib
import os

# Each run that changes the server begins without it (lock.py), and so does the server after a start.
NOTE = "/run/fairlead-going"


def go():
    with open(NOTE, "w", encoding="ascii"):
        pass


def stay():
    with contextlib.suppress(FileNotFoundError):
        os.remove(NOTE)


def is_going():
    return os.path.exists(NOTE)
