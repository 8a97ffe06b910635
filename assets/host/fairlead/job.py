"""One job: its timer runs it, a person may start it, and everybody may ask how it ended."""

import collections
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import threading
import time

from .lib import job_notes, twins
from .lib.errors import HostError, say
from .lib.run import Late, run

# Seconds that the release's own container may take to start: after a start of the server it comes up with Docker.
PATIENCE = 60
# Longest pause between two tries, in seconds.
PAUSE = 300
LOCKS = "/run"


class Stopped(BaseException):
    """Somebody stops the job: systemd, because the application goes or the server shuts down."""


def execute(spec):
    """
    Input: {app, job}. Runs the job to its end, with its retries; says how it ended in the note, in the metrics and in the
    journal. The unit itself ends well even where the job failed: a job that fails is no fault of the server.
    """
    app, job = spec["app"], spec["job"]
    declared = declaration(app, job)
    with open(os.path.join(LOCKS, f"{job_notes.unit(app, job)}.lock"), "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HostError(f"{app}/{job} runs already") from error
        signal.signal(signal.SIGTERM, stopped)
        Run(app, job, declared).to_the_end()


def stopped(*_signal):
    raise Stopped()


def declaration(app, job):
    known = job_notes.known(app)
    if not known or job not in known["jobs"]:
        names = [f"{one}/{name}" for one in job_notes.apps() for name in job_notes.known(one)["jobs"]]
        raise HostError(f"there is no job {app}/{job}; known: {', '.join(names) or 'none'}")
    return known


class Run:
    """A run of a job: a first try, and the retries."""

    def __init__(self, app, job, known):
        self.app, self.job, self.known = app, job, known
        self.spec = known["jobs"][job]
        self.name = f"job-{app}.{job}"
        self.last = job_notes.last(app, job)
        self.started = time.time()
        self.lines = collections.deque(maxlen=job_notes.LINES)

    def to_the_end(self):
        # What a try has left that was cut off with the server.
        twins.discard(self.name, self.name)
        before = self.last.get("before", "interrupted") if self.last.get("state") == "running" else self.last.get("state", "none")
        self.note({"state": "running", "before": before, "started": self.started, "release": self.known["release"]})
        outcome = {"state": "failed", "words": "ended early"}
        try:
            outcome = self.tries()
        except Stopped:
            outcome = {"state": "stopped", "words": "stopped from outside"}
        except HostError as error:
            outcome = {"state": "failed", "words": str(error)}
        finally:
            twins.discard(self.name, self.name)
            self.end(outcome)
        said = f": {outcome['words']}" if "words" in outcome else ""
        say(f"{self.app}/{self.job} {outcome['state']}{said}")

    def tries(self):
        for count in range(1, self.spec["retries"] + 2):
            self.lines.clear()
            outcome = {**self.attempt(), "tries": count}
            if outcome["state"] == "succeeded" or count > self.spec["retries"]:
                return outcome
            pause = min(PAUSE, self.spec["pause"] * 2 ** (count - 1))
            say(f"{self.app}/{self.job} {outcome['words']}; tried again in {pause:g} s")
            time.sleep(pause)
            # A new release may serve by now.
            self.known = declaration(self.app, self.job)
        raise AssertionError("there is a first try")

    def attempt(self):
        """One try in a container of its own, by the release that serves now."""
        labels = {"task": "job", "process": f"job/{self.job}"}
        options = {"memory": self.spec.get("memory")}
        identity = twins.create(self.model(), self.name, self.spec["command"], labels, self.name, **options)
        try:
            run(["docker", "start", identity])
            with self.heard(identity):
                code = self.ended(identity)
            return code
        finally:
            twins.discard(self.name, self.name)

    def model(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            found = twins.model(self.known["release"], self.known["containers"])
            if found["State"]["Running"] or time.monotonic() > deadline:
                return found
            time.sleep(1)

    def ended(self, identity):
        try:
            code = int(run(["docker", "wait", identity], timeout=self.spec["timeout"]).stdout.strip())
        except Late:
            run(["docker", "stop", "--time", str(self.spec["stop"]), identity], check=False, timeout=self.spec["stop"] + 60)
            return {"state": "timed out", "words": f"did not end within {self.spec['timeout']:g} s"}
        except Stopped:
            run(["docker", "stop", "--time", str(self.spec["stop"]), identity], check=False, timeout=self.spec["stop"] + 60)
            raise
        if code == 0:
            return {"state": "succeeded", "code": 0}
        state = json.loads(run(["docker", "inspect", "--format", "{{json .State}}", identity]).stdout)
        memory = ", out of memory" if state.get("OOMKilled") else ""
        return {"state": "failed", "code": code, "words": f"exit code {code}{memory}"}

    @contextlib.contextmanager
    def heard(self, identity):
        """What the job says goes to the journal as it comes, and the last lines into the note."""
        argv = ["docker", "logs", "--follow", identity]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) as logs:
            thread = threading.Thread(target=self.hear, args=(logs.stdout,), daemon=True)
            thread.start()
            try:
                yield
            finally:
                # A container that has ended has said everything.
                thread.join(timeout=5)
                logs.terminate()

    def hear(self, stream):
        for line in stream:
            text = line.decode(errors="replace").rstrip("\n")
            self.lines.append(text)
            print(text, flush=True)

    def end(self, outcome):
        now = time.time()
        counted = {
            "runs": self.last.get("runs", 0) + 1,
            "failures": self.last.get("failures", 0) + int(outcome["state"] != "succeeded"),
        }
        succeeded = now if outcome["state"] == "succeeded" else self.last.get("succeeded")
        self.note(
            {
                **outcome,
                **counted,
                "started": self.started,
                "ended": now,
                "seconds": round(now - self.started, 3),
                "succeeded": succeeded,
                "release": self.known["release"],
                "lines": job_notes.shortened(self.lines),
            }
        )

    def note(self, result):
        kept = {key: self.last[key] for key in ("succeeded", "runs", "failures", "ended", "seconds") if key in self.last}
        whole = {**kept, **result, "next": job_notes.next_run(self.spec["calendars"])}
        job_notes.keep(self.app, self.job, self.known["metrics"], whole)


def start(spec):
    """Input: {app, job}. Starts the job now, as its timer does. Returns {started, runs}: runs that had ended before."""
    app, job = spec["app"], spec["job"]
    declaration(app, job)
    service = f"{job_notes.unit(app, job)}.service"
    runs = job_notes.last(app, job).get("runs", 0)
    if is_active(service):
        return {"started": False, "runs": runs}
    run(["systemctl", "start", "--no-block", service])
    return {"started": True, "runs": runs}


def look(_spec):
    """How every job ended, and when it is due."""
    return {"jobs": list(statuses())}


def statuses():
    """{app, job, calendars, release, timer, running, next, result?} of each job."""
    for app in job_notes.apps():
        known = job_notes.known(app)
        for job, declared in sorted(known["jobs"].items()):
            unit = job_notes.unit(app, job)
            running, timer = is_active(f"{unit}.service"), is_active(f"{unit}.timer")
            result = job_notes.last(app, job)
            if result.get("state") == "running" and not running:
                result = {**result, "state": "interrupted", "words": "the server stopped meanwhile"}
            yield {
                "app": app,
                "job": job,
                "calendars": declared["calendars"],
                "release": known["release"],
                "timer": timer,
                "running": running,
                "next": job_notes.next_run(declared["calendars"]) if timer else None,
                "result": result if result.get("state") not in (None, "none") else None,
            }


def is_active(unit):
    return run(["systemctl", "is-active", unit], check=False).stdout.strip() in ("active", "activating", "deactivating", "reloading")
