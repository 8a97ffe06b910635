"""Where applications export figures, for Prometheus (prometheus.io/docs, "file_sd_config"): containers come and go with releases."""

import json
import os

from .files import read, replace

WEB = "web"


def write(spec, containers):
    """A file for each application; unchanged ones are left alone."""
    wanted = {f"{app}.json": text(app, scraped, containers) for app, scraped in sorted(spec["apps"].items())}
    os.makedirs(spec["targets"], exist_ok=True)
    for name, content in wanted.items():
        path = os.path.join(spec["targets"], name)
        if read(path) != content.encode():
            replace(path, content.encode(), {"mode": "0644"})
    for name in sorted(os.listdir(spec["targets"])):
        if name.endswith(".json") and name not in wanted:
            os.remove(os.path.join(spec["targets"], name))


def text(app, scraped, containers):
    groups = [group(app, one, found) for one in scraped for found in containers if serves(found, app, one["process"])]
    return json.dumps(groups, indent=1, sort_keys=True) + "\n"


def serves(found, app, process):
    """One that has started: what waits for its turn, or has ended, exports nothing."""
    own = found["service"] == app and found["release"] and not found["task"]
    return own and (found["process"] or WEB) == process and found["state"] in ("running", "restarting")


def group(app, one, found):
    labels = {"app": app, "service": app, "process": one["process"], "release": found["release"], "__metrics_path__": one["path"]}
    if "interval" in one:
        labels["__scrape_interval__"] = f"{one['interval']}s"
    return {"targets": [f"{found['name']}:{one['port']}"], "labels": labels}
