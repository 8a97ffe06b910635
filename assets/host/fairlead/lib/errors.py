"""Errors that a person can act on, and progress that a person can follow."""

import sys


class HostError(Exception):
    """What went wrong and what to do; printed without a traceback."""


def say(text: str) -> None:
    """One line of progress; shown with the resource while it works."""
    print(text, file=sys.stderr, flush=True)
