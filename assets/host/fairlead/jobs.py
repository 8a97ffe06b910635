"""
The jobs of an application: a timer for each, and a note of which release serves. A new release takes them over with the
note, at once and whole; a job that runs meanwhile goes on in its own container (decision 0042).
"""

import os
import time

from . import files
from .lib import job_notes, twins, units
from .lib.differences import content_of
from .lib.errors import HostError
from .lib.files import discard, read
from .lib.run import run

STAMPS = "/var/lib/systemd/timers"


def apply(spec):
    """
    Input: {app, release, containers, metrics, jobs: [{name, command, timeout, retries, pause, stop, memory?, calendars, unit}]}:
    containers of the release that serves, the folder of the metrics, times in seconds, memory in bytes.
    """
    app = spec["app"]
    for job in spec["jobs"]:
        for expression in job["calendars"]:
            check(app, job["name"], expression)
    before = job_notes.known(app) or {"jobs": {}, "metrics": spec["metrics"]}
    job_notes.write(job_notes.declaration(app), job_notes.text_of(spec))
    for job in spec["jobs"]:
        begin_anew(job["unit"])
    files.apply(declared(spec))
    for name in set(before["jobs"]) - {job["name"] for job in spec["jobs"]}:
        give_up(app, name, before["metrics"])
    for job in spec["jobs"]:
        if not job_notes.last(app, job["name"]):
            job_notes.keep(app, job["name"], spec["metrics"], {"state": "none", "next": job_notes.next_run(job["calendars"])})


def check(app, name, expression):
    result = run(["systemd-analyze", "calendar", expression], check=False)
    if result.returncode != 0:
        raise HostError(f"the server's systemd doesn't understand the schedule of {app}/{name}, {expression!r}: {result.stderr.strip()}")
    if "Next elapse: never" in result.stdout:
        raise HostError(f"the schedule of {app}/{name}, {expression!r}, never comes")


def begin_anew(unit):
    """
    A timer makes up for a time that it has missed since its stamp. One whose times were changed has missed none: its stamp
    is of now, or the update would start the job.
    """
    path = units.path_of(unit, "timer")
    if read(path) == unit["timer"].encode():
        return
    run(["systemctl", "stop", unit["name"]], check=False)
    os.makedirs(STAMPS, exist_ok=True)
    stamp = os.path.join(STAMPS, f"stamp-{unit['name']}")
    with open(stamp, "a", encoding="ascii"):
        os.utime(stamp, (time.time(), time.time()))


def remove(spec):
    """The timers go, and what runs is stopped."""
    app = spec["app"]
    names = {job["name"] for job in spec["jobs"]} | set((job_notes.known(app) or {"jobs": {}})["jobs"])
    running = [f"{job_notes.unit(app, name)}.service" for name in sorted(names)]
    files.remove({**declared(spec), "units": declared(spec)["units"] + [{"name": name, "owned": True} for name in running]})
    for name in sorted(names):
        give_up(app, name, spec["metrics"])
    discard(job_notes.declaration(app))
    if os.path.isdir(job_notes.folder()) and not os.listdir(job_notes.folder()):
        os.rmdir(job_notes.folder())
    if os.path.isdir(spec["metrics"]) and not os.listdir(spec["metrics"]):
        os.rmdir(spec["metrics"])


def give_up(app, name, metrics):
    """What is left of a job that is no longer declared; its units are gone already."""
    job_notes.forget(app, name, metrics)
    discard(os.path.join(STAMPS, f"stamp-{job_notes.unit(app, name)}.timer"))
    twins.discard(f"job-{app}.{name}", f"job-{app}.{name}")


def look(spec):
    """Timers with their texts, and the note of what serves."""
    yield from files.look(declared(spec))
    yield from content_of(job_notes.declaration(spec["app"]), job_notes.text_of(spec))


def declared(spec):
    return {"name": f"jobs-{spec['app']}", "units": [job["unit"] for job in spec["jobs"]]}
