"""Images of an application's earlier releases: the last ones stay for a way back, older ones make room."""

import contextlib
import fcntl
import json
import os

from .lib.errors import say
from .lib.files import MANIFESTS, discard, read, replace
from .lib.run import Late, run

# What applications left behind that are no longer declared; no application has a name with a dot.
GONE = ".gone"
LOCK = "/run/fairlead-images.lock"


def apply(spec):
    """
    Input: {app, images, keep}: references by digest of the declared releases, and how many others stay. Only what
    applications of this stack ran is removed, nothing that another one keeps, and nothing that a container still needs:
    Docker refuses it, and it is tried again later.
    """
    with alone():
        gone = make_room(spec["app"], spec["images"], spec["keep"])
    if gone:
        say(f"{spec['app']}: {gone} {'image' if gone == 1 else 'images'} of earlier releases removed")


def make_room(app, declared, keep):
    """How many images went."""
    before = noted(app)
    known = [image for image in before["kept"] if image not in declared]
    older = max(0, len(known) - keep)
    kept = [*known[older:], *declared]
    going = {
        app: [image for image in [*before["left"], *known[:older]] if image not in kept],
        GONE: noted(GONE)["left"],
    }
    needed = {*kept, *(image for other in others(app) for image in noted(other)["kept"])}
    gone = 0
    for name, images in going.items():
        tried = [image for image in dict.fromkeys(images) if image not in needed]
        left = [image for image in tried if not removed(image)]
        gone += len(tried) - len(left)
        write(name, {"kept": kept if name == app else [], "left": left})
    return gone


def remove(spec):
    """The application goes. Its containers may still need its images, so these go with the next release of any other."""
    with alone():
        before, gone = noted(spec["app"]), noted(GONE)
        write(GONE, {"kept": [], "left": [*gone["left"], *before["left"], *before["kept"]]})
        discard(note(spec["app"]))


@contextlib.contextmanager
def alone():
    """One application at a time: an update changes several at once, and they share what others left behind."""
    with open(LOCK, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def others(app):
    folder = os.path.dirname(note(app))
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [name[: -len(".list")] for name in names if name.endswith(".list") and name != os.path.basename(note(app))]


def noted(app):
    """In the order in which they came; a plain list is of the first version."""
    found = json.loads(read(note(app)) or b"[]")
    return {"kept": found, "left": []} if isinstance(found, list) else found


def write(app, lists):
    if not any(lists.values()):
        discard(note(app))
        return
    os.makedirs(os.path.dirname(note(app)), mode=0o700, exist_ok=True)
    replace(note(app), json.dumps(lists).encode(), {"mode": "0600"})


def note(app):
    return os.path.join(MANIFESTS, "images", f"{app}.list")


def removed(image):
    """Whether an image isn't here any more, as Docker says: one that doesn't answer says nothing of it."""
    with contextlib.suppress(Late):
        run(["docker", "image", "rm", image], check=False)
        found = run(["docker", "image", "inspect", "-f", "{{.Id}}", image], check=False)
        return found.returncode != 0 and "no such image" in found.stderr.lower()
    return False
