"""Changes that wait to be confirmed, or take themselves back (lib/rollback.py)."""

from .lib.rollback import take_all_back


def apply(_spec):
    """What the timer of a change calls, and fairlead-rollback.service at boot."""
    take_all_back()
