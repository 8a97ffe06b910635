"""
What the server remembers of jobs: of each application what serves and what its jobs are, of each job how it ended last.
Small files, written atomically.
"""

import calendar
import json
import os
import re

from .files import MANIFESTS, discard, read, replace
from .run import run

LINES = 20
LENGTH = 500


def folder():
    return os.path.join(MANIFESTS, "jobs")


def unit(app, job):
    """Of the timer and its service, without an ending; a name has no dot, so no two are alike."""
    return f"fairlead-job-{app}.{job}"


def declaration(app):
    return os.path.join(folder(), f"{app}.json")


def result_file(app, job):
    return os.path.join(folder(), f"{app}.{job}.result.json")


def text_of(spec):
    """What is kept of an application."""
    jobs = {job["name"]: {key: value for key, value in job.items() if key not in ("name", "unit")} for job in spec["jobs"]}
    return json.dumps({**{key: spec[key] for key in ("app", "release", "containers", "metrics")}, "jobs": jobs}, sort_keys=True)


def known(app):
    return json.loads(read(declaration(app)) or b"null")


def apps():
    names = sorted(os.listdir(folder())) if os.path.isdir(folder()) else []
    return [name[: -len(".json")] for name in names if name.endswith(".json") and "." not in name[: -len(".json")]]


def write(path, text, mode="0600"):
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    replace(path, text.encode(), {"mode": mode})


def last(app, job):
    return json.loads(read(result_file(app, job)) or b"{}")


def keep(app, job, metrics, result):
    write(result_file(app, job), json.dumps(result, sort_keys=True))
    os.makedirs(metrics, exist_ok=True)
    write(metrics_file(app, job, metrics), figures(app, job, result), "0644")


def forget(app, job, metrics):
    discard(result_file(app, job))
    discard(metrics_file(app, job, metrics))


def metrics_file(app, job, metrics):
    return os.path.join(metrics, f"job-{app}.{job}.prom")


# Prometheus' text format; files of one folder must agree on what is said of a name.
METRICS = (
    ("fairlead_job_running", "gauge", "Whether the job runs at this moment."),
    ("fairlead_job_failed", "gauge", "Whether the last run of the job failed."),
    ("fairlead_job_last_start_timestamp_seconds", "gauge", "When the job was started last."),
    ("fairlead_job_last_end_timestamp_seconds", "gauge", "When the job ended last."),
    ("fairlead_job_last_success_timestamp_seconds", "gauge", "When the job ended well last."),
    ("fairlead_job_last_duration_seconds", "gauge", "How long the last run took, all tries together."),
    ("fairlead_job_next_run_timestamp_seconds", "gauge", "When the job is due, as known at the last start or end."),
    ("fairlead_job_runs_total", "counter", "Runs that ended."),
    ("fairlead_job_failures_total", "counter", "Runs that ended and failed."),
)
FIELDS = {
    "fairlead_job_last_start_timestamp_seconds": "started",
    "fairlead_job_last_end_timestamp_seconds": "ended",
    "fairlead_job_last_success_timestamp_seconds": "succeeded",
    "fairlead_job_last_duration_seconds": "seconds",
    "fairlead_job_next_run_timestamp_seconds": "next",
    "fairlead_job_runs_total": "runs",
    "fairlead_job_failures_total": "failures",
}


def figures(app, job, result):
    values = {name: result.get(field) for name, field in FIELDS.items()}
    values["fairlead_job_running"] = int(result["state"] == "running")
    values["fairlead_job_failed"] = int(result.get("before", result["state"]) not in ("succeeded", "none"))
    lines = []
    for name, kind, words in METRICS:
        if values[name] is not None:
            lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}", f'{name}{{app="{app}",job="{job}"}} {values[name]}']
    return "\n".join(lines) + "\n"


def next_run(expressions):
    """When the first of these expressions comes, in seconds since 1970; None where none does."""
    found = [moment for moment in map(elapse, expressions) if moment is not None]
    return min(found) if found else None


def elapse(expression):
    """`systemd-analyze calendar` names the moment in UTC, on a line of its own where the server has another zone."""
    answer = run(["systemd-analyze", "calendar", expression], env={**os.environ, "LC_ALL": "C"}, check=False).stdout
    match = re.search(r"\w+ (\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.\d+)? UTC", answer)
    return calendar.timegm((*map(int, match.groups()), 0, 0, 0)) if match else None


def shortened(lines):
    return [line[:LENGTH] for line in lines]
