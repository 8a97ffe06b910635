"""The container of the traffic switch behind its gate."""

from . import container
from .lib.switch_files import check_all, exclusive


def apply(spec):
    """Input: that of `container`, and {folder, image}. A file of an application never keeps the switch from starting."""
    with exclusive():
        check_all(spec["folder"], spec["image"])
    container.apply(spec)


def look(spec):
    yield from container.look(spec)
