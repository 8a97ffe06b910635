"""Volumes without a name: an image declares a folder as a VOLUME, and no setting says where its files stay."""

import re

from .errors import say
from .gate import inspect

NAMELESS = re.compile(r"[0-9a-f]{64}")


def warn(release, names):
    """Says which folders of a release's containers begin empty with each release."""
    paths = sorted({path for name in names for path in folders(inspect(name))})
    if paths:
        say(
            f"{release}: its image declares {', '.join(paths)} as a volume, and no setting names it. What is written there is lost "
            "with the next release: give it a name under `volumes`, or say under `tmpfs` that it may go."
        )


def folders(found):
    for mount in found.get("Mounts") or []:
        if mount["Type"] == "volume" and NAMELESS.fullmatch(mount.get("Name", "")):
            yield mount["Destination"]
