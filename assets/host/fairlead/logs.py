"""What the containers of an application have logged, all in one: in the order of time, and each line with its release."""

import collections
import heapq
import json
import queue
import re
import select
import subprocess
import sys
import threading
import time

from .lib.errors import HostError
from .lib.handover import WEB
from .lib.run import run

# Seconds between two looks for containers that are new while a log is followed.
LOOK = 1.0
FORMAT = '{"id":{{json .ID}},"container":{{json .Names}},"process":{{json (.Label "process")}},"task":{{json (.Label "task")}},"release":{{json (.Label "release")}}}'


def show(spec, signs=0):
    """
    Input: one line, {app, process?, since?, grep?, lines?, follow}: `since` in seconds ago, `grep` a regular expression,
    `lines` how many there are at most. Prints a line of JSON for each: {time, app, release, container, process, stream,
    text}. With `follow` it goes on until the input ends, and takes up containers that are new.
    """
    pattern = expression(spec.get("grep"))
    now = time.time()
    try:
        history(spec, pattern, now)
        if spec["follow"]:
            follow(spec, pattern, now, signs)
    except BrokenPipeError:
        # Whoever asked has gone.
        sys.stdout = None
    return 0


def expression(text):
    try:
        return re.compile(text or "")
    except re.error as error:
        raise HostError(f"{text!r} is no regular expression: {error}") from error


def history(spec, pattern, now):
    found = containers(spec)
    if not found and not spec["follow"]:
        which = f" of the process {spec['process']}" if "process" in spec else ""
        raise HostError(f"{spec['app']} has no containers{which} on this server")
    since = ["--since", f"{now - spec['since']:.9f}"] if "since" in spec else []
    # What doesn't fit the expression doesn't count.
    tail = ["--tail", str(spec["lines"])] if "lines" in spec and not spec.get("grep") else []
    streams = [lines_of(one, name, [*since, *tail, "--until", f"{now:.9f}"]) for one in found for name in ("stdout", "stderr")]
    merged = (line for line in heapq.merge(*streams, key=lambda line: line["time"]) if pattern.search(line["text"]))
    for line in collections.deque(merged, maxlen=spec["lines"]) if "lines" in spec else merged:
        say(spec["app"], line)
    sys.stdout.flush()


def containers(spec):
    """All of an application, with those of its jobs and one-offs; a release's has its name."""
    filters = ["--filter", f"label=service={spec['app']}"]
    listed = run(["docker", "ps", "--all", "--no-trunc", "--format", FORMAT, *filters]).stdout
    found = [json.loads(line) for line in listed.splitlines()]
    for one in found:
        one["process"] = one["process"] or WEB
        named = re.match(rf"{re.escape(spec['app'])}-[0-9a-f]{{10}}(?=-|$)", one["container"])
        one["release"] = one["release"] or (named.group(0) if named else "")
    return [one for one in found if spec.get("process") in (None, one["process"])]


def lines_of(container, stream, options, opened=None):
    argv = ["docker", "logs", "--timestamps", *options, container["id"]]
    wanted = {stream: subprocess.PIPE, ("stderr" if stream == "stdout" else "stdout"): subprocess.DEVNULL}
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, **wanted) as logs:
        if opened is not None:
            opened.append(logs)
        try:
            for raw in getattr(logs, stream):
                line = understood(container, stream, raw)
                if line:
                    yield line
        finally:
            logs.terminate()


def understood(container, stream, raw):
    """Docker puts the time before each line, always with nine digits: they sort as text."""
    moment, blank, text = raw.decode(errors="replace").rstrip("\n").partition(" ")
    if not blank or not re.match(r"\d{4}-\d\d-\d\dT", moment):
        return None
    return {**{key: container[key] for key in ("container", "process", "task", "release")}, "time": moment, "stream": stream, "text": text}


def follow(spec, pattern, now, signs):
    arrived, opened = queue.Queue(), []
    try:
        listen(spec, pattern, now, signs, arrived, opened)
    finally:
        # Those of a silent container would wait for its next line.
        for logs in opened:
            logs.terminate()


def listen(spec, pattern, now, signs, arrived, opened):
    known = set()
    while not select.select([signs], [], [], 0)[0]:
        for one in containers(spec):
            if one["id"] not in known:
                known.add(one["id"])
                for stream in ("stdout", "stderr"):
                    options = ["--follow", "--since", f"{now:.9f}"]
                    threading.Thread(target=hear, args=(one, stream, options, arrived, opened), daemon=True).start()
        deadline = time.monotonic() + LOOK
        while time.monotonic() < deadline and not select.select([signs], [], [], 0)[0]:
            try:
                line = arrived.get(timeout=0.1)
            except queue.Empty:
                continue
            if pattern.search(line["text"]):
                say(spec["app"], line)
                sys.stdout.flush()


def hear(container, stream, options, arrived, opened):
    for line in lines_of(container, stream, options, opened):
        arrived.put(line)


def say(app, line):
    print(json.dumps({"app": app, **{key: value for key, value in line.items() if value}, "text": line["text"]}, sort_keys=True))
