"""
HAProxy's files: tried by the real binary in a container of its own before anything reads them, and brought back when
they are broken. Each application has a file in `conf.d`, and its last good one in `good`.
"""

import contextlib
import fcntl
import os
import re
import shutil
import time

from .errors import HostError, say
from .files import replace
from .gate import inspect
from .haproxy import runtime_of, until
from .run import run

INSIDE = "/usr/local/etc/haproxy"
LOCK = "/run/fairlead-switch.lock"
# In a row. Processes share their sockets: until those of before take notice of their successor, which on a busy server may be
# after the next reload, any of them may answer.
ANSWERS = 5


@contextlib.contextmanager
def exclusive():
    """One at a time: a reload in the midst of another's changes would forget those that no file has yet."""
    with open(LOCK, "w", encoding="utf8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_all(folder, image):
    """
    Raises a HostError with HAProxy's words when it refuses {folder}/haproxy.cfg. A file of an application that it
    refuses, or that is missing, is replaced by the last good one, or laid aside: the application's own update makes it anew.
    """
    os.makedirs(os.path.join(folder, "conf.d"), exist_ok=True)
    for name in set(names(os.path.join(folder, "good"))) - set(names(os.path.join(folder, "conf.d"))):
        shutil.copy2(os.path.join(folder, "good", name), os.path.join(folder, "conf.d", name))
        say(f"{name} was missing in {folder}/conf.d; the last good one is back")
    if refusal(folder, image, ["haproxy.cfg", "conf.d"]) is None:
        return
    words = refusal(folder, image, ["haproxy.cfg"])
    if words:
        raise HostError(words)
    for name in names(os.path.join(folder, "conf.d")):
        if refusal(folder, image, ["haproxy.cfg", f"conf.d/{name}"]):
            bring_back(folder, image, name)
    words = refusal(folder, image, ["haproxy.cfg", "conf.d"])
    if words:
        raise HostError(words)


def bring_back(folder, image, name):
    broken, good, aside = (os.path.join(folder, place, name) for place in ("conf.d", "good", "refused"))
    os.makedirs(os.path.dirname(aside), exist_ok=True)
    os.replace(broken, aside)
    if os.path.exists(good) and refusal(folder, image, ["haproxy.cfg", f"good/{name}"]) is None:
        shutil.copy2(good, broken)
        say(f"HAProxy refused {broken}; the last good one is back")
    else:
        say(f"HAProxy refused {broken}; it is laid aside, and made anew")


def names(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith(".cfg")) if os.path.isdir(folder) else []


def refusal(folder, image, files):
    """What HAProxy says against these files; None when it takes them."""
    options = ["--rm", "--read-only", "--network", "none", "--memory", "256m", "--entrypoint", "haproxy", "-v", f"{folder}:{INSIDE}:ro"]
    argv = ["docker", "run", *options, image, "-c", *(part for name in files for part in ("-f", f"{INSIDE}/{name}"))]
    result = run(argv, check=False)
    if result.returncode == 0:
        return None
    return (result.stderr.strip() or result.stdout.strip())[-2000:] or f"haproxy -c ended with {result.returncode}"


def write_app(spec, text):
    """The file that HAProxy reads when it starts, and its copy."""
    good = good_file(spec)
    os.makedirs(os.path.dirname(good), exist_ok=True)
    replace(spec["file"], text.encode(), {"mode": "0644"})
    replace(good, text.encode(), {"mode": "0644"})


def remove_app(spec):
    for path in (spec["file"], good_file(spec)):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def good_file(spec):
    return os.path.join(folder_of(spec), "good", os.path.basename(spec["file"]))


def folder_of(spec):
    """HAProxy's folder on the host; {file} is either in it, or in its folder of applications."""
    folder = os.path.dirname(spec["file"])
    return os.path.dirname(folder) if os.path.basename(folder) == "conf.d" else folder


def reload(spec):
    """Has HAProxy read its files, seamlessly: the present process ends what it has under way. Waits until the new one answers."""
    check_all(folder_of(spec), inspect(spec["container"])["Image"])
    began = time.time()
    # Not `docker kill`: the engine takes any signal for a wish to stop, and wouldn't start the container after a reboot.
    run(["docker", "exec", spec["container"], "sh", "-c", "kill -USR2 1"])
    until("HAProxy reading its files again", 20, lambda: all(answers_since(spec, began) for _ in range(ANSWERS)))


def answers_since(spec, began):
    """Whether a process that has started since then answers; {began} is of `time.time`."""
    time.sleep(0.05)
    now = time.time()
    try:
        return now - runtime_of(spec["socket"]).uptime() >= began
    except HostError:
        return False


def restart(spec):
    """
    Starts HAProxy anew, for a socket whose file is gone: a reload hands the open ones on, and makes no file again. What is
    under way has five seconds; nothing new reaches it as it is.
    """
    say(f"a socket of {spec['container']} is gone: docker restart")
    run(["docker", "restart", "--time", "5", spec["container"]])
    until("HAProxy answering after its start", 30, lambda: process(spec) is not None)


def sockets_of(spec, text):
    """Where the edge and the doorway reach an application, by its file."""
    folder = os.path.dirname(spec["socket"])
    return [os.path.join(folder, name) for name in re.findall(r"^  bind unix@/run/switch/(\S+)", text, re.M)]


def process(spec):
    """The process that answers; None while none does."""
    try:
        return runtime_of(spec["socket"]).process()
    except HostError:
        return None
