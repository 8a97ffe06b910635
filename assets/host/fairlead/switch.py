"""The files of the traffic switch (HAProxy), without those of the applications and of upstreams."""

import contextlib
import os
import re

from . import files
from .lib.files import read
from .lib.switch_files import check_all, exclusive, remove_app, write_app


def apply(spec):
    """
    Input: that of `files`, and {folder, image, upstreams}: HAProxy's files on the host, the image that will read them, and the
    names of upstreams, which have files of their own.
    """
    with exclusive(), upstreams_kept(spec):
        return files.apply(spec, lambda: check_all(spec["folder"], spec["image"]))


@contextlib.contextmanager
def upstreams_kept(spec):
    """
    Earlier versions had upstreams in haproxy.cfg itself. They move to files of their own, as which they are declared later in
    the same update: the edge leads to them all the while. One that is declared no more would leave a file that nothing removes.
    """
    moved = []
    for file in spec.get("files", []):
        old = (read(file["path"]) or b"").decode(errors="replace")
        for name, text in upstreams_of(old).items():
            path = os.path.join(spec["folder"], "conf.d", f"{name}.cfg")
            if name in spec.get("upstreams", [name]) and name not in upstreams_of(file["content"]) and not os.path.exists(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                moved.append({"file": path})
                write_app(moved[-1], text)
    try:
        yield
    except BaseException:
        for place in moved:
            remove_app(place)
        raise


def upstreams_of(text):
    """Name → frontend and backend of each upstream in a file of HAProxy."""
    sections = re.split(r"^(?=frontend )", text, flags=re.M)
    return {section.split()[1]: section.rstrip() + "\n" for section in sections if re.search(r"^  server upstream ", section, re.M)}


def remove(spec):
    files.remove(spec)


def look(spec):
    yield from files.look(spec)
