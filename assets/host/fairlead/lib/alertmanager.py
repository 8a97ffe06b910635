"""Alertmanager's own API (prometheus.io/docs, "Management API"), asked by the server inside the private network."""

import http.client
import json
import re

from .errors import HostError
from .gate import inspect
from .request import address_of
from .run import run

PORT = 9093
METRIC = re.compile(r'^alertmanager_notification_requests(_failed)?_total\{(.*)\} (\S+)$', re.M)


class Alertmanager:
    def __init__(self, container, port=PORT):
        self.name, self.port = container, port
        self.address = address_of(inspect(container))

    def get(self, path):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise HostError(f"{self.name} doesn't answer: {error or type(error).__name__}") from error
        finally:
            connection.close()

    def channels(self, receiver):
        """The kinds of a receiver by the configuration that runs: slack, email, webhook."""
        text = json.loads(self.get("/api/v2/status"))["config"]["original"]
        found = re.search(rf"^(\s*)- name: {re.escape(receiver)}\n(.*?)(?=^\1- name:|\Z)", text, re.M | re.S)
        return re.findall(r"^\s*(\w+)_configs:", found.group(2), re.M) if found else []

    def notifications(self, receiver):
        """
        {attempts, failed}: {kind: how many} of a receiver since its start; every try counts, and what is tried again hasn't failed for good.
        The dead man's switch is a webhook too, so it has to name receivers (--enable-feature=receiver-name-in-metrics).
        """
        counts = {"attempts": {}, "failed": {}}
        for failed, labels, value in METRIC.findall(self.get("/metrics")):
            named = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            if named.get("receiver_name") != receiver:
                continue
            kind = named.get("integration")
            of = counts["failed" if failed else "attempts"]
            of[kind] = of.get(kind, 0) + float(value)
        return counts

    def has(self, name):
        """Whether an alert of that name fires there."""
        return bool(json.loads(self.get(f"/api/v2/alerts?filter=alertname%3D%22{name}%22")))

    def errors(self, kind, since):
        """What its log says of notifications of a kind that failed, since then."""
        shown = run(["docker", "logs", "--since", str(int(since)), self.name], check=False)
        lines = (shown.stdout + shown.stderr).splitlines()
        return [words for words in (error_of(line, kind) for line in lines) if words]


def error_of(line, kind):
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    text = entry.get("err", "") if isinstance(entry, dict) else ""
    return text if f"{kind}[" in f"{entry.get('integration', '')}{text}" else None
