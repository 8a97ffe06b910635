"""Images of an application's earlier releases: the last ones stay for a way back, older ones make room."""

import json
import os

from .lib.errors import say
from .lib.files import MANIFESTS, discard, read, replace
from .lib.run import run

# What applications left behind that are no longer declared; no application has a name with a dot.
GONE = ".gone"


def apply(spec):
    """
    Input: {app, images, keep}: references by digest of the declared releases, and how many others stay. Only what
    applications of this stack ran is removed, nothing that another one keeps, and nothing that a container still needs:
    Docker refuses it, and it is tried again later.
    """
    app, declared = spec["app"], spec["images"]
    before = noted(app)
    known = [image for image in before["kept"] if image not in declared]
    older = max(0, len(known) - spec["keep"])
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
    if gone:
        say(f"{app}: {gone} {'image' if gone == 1 else 'images'} of earlier releases removed")


def remove(spec):
    """The application goes. Its containers may still need its images, so these go with the next release of any other."""
    before, gone = noted(spec["app"]), noted(GONE)
    write(GONE, {"kept": [], "left": [*gone["left"], *before["left"], *before["kept"]]})
    discard(note(spec["app"]))


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
    run(["docker", "image", "rm", image], check=False)
    return run(["docker", "image", "inspect", "-f", "{{.Id}}", image], check=False).returncode != 0
