"""The files of the traffic switch (HAProxy), without those of the applications."""

from . import files
from .lib.switch_files import check_all, exclusive


def apply(spec):
    """Input: that of `files`, and {folder, image}: HAProxy's files on the host, and the image that will read them."""
    with exclusive():
        return files.apply(spec, lambda: check_all(spec["folder"], spec["image"]))


def remove(spec):
    files.remove(spec)


def look(spec):
    yield from files.look(spec)
