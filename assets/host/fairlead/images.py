"""Images of an application's earlier releases: the last ones stay for a way back, older ones make room."""

import json
import os

from .lib.errors import say
from .lib.files import MANIFESTS, discard, read, replace
from .lib.run import run


def apply(spec):
    """
    Input: {app, images, keep}: references by digest of the declared releases, and how many others stay. Only what this
    application ran is removed, and nothing that a container still needs: Docker refuses it, and it is tried again later.
    """
    known = [image for image in noted(spec) if image not in spec["images"]]
    going = known[: max(0, len(known) - spec["keep"])]
    left = [image for image in going if not removed(image)]
    os.makedirs(os.path.dirname(note(spec)), mode=0o700, exist_ok=True)
    text = json.dumps([*left, *known[len(going) :], *spec["images"]])
    replace(note(spec), text.encode(), {"mode": "0600"})
    gone = len(going) - len(left)
    if gone:
        say(f"{spec['app']}: {gone} {'image' if gone == 1 else 'images'} of earlier releases removed")


def remove(spec):
    """The application goes; what its containers still need can't be removed yet, so its images stay."""
    discard(note(spec))


def noted(spec):
    return json.loads(read(note(spec)) or b"[]")


def note(spec):
    return os.path.join(MANIFESTS, "images", f"{spec['app']}.list")


def removed(image):
    run(["docker", "image", "rm", image], check=False)
    return run(["docker", "image", "inspect", "-f", "{{.Id}}", image], check=False).returncode != 0
