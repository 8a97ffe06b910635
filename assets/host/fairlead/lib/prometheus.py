"""Prometheus' own API (prometheus.io/docs, "HTTP API"), asked by the server inside the private network."""

import http.client
import json
import urllib.parse

from .errors import HostError
from .gate import inspect
from .request import address_of

PORT = 9090
# Seconds that an answer may take.
PATIENCE = 20


class Prometheus:
    """One that runs in a container, by its name; or anywhere, by its address."""

    def __init__(self, container=None, address=None, port=PORT):
        self.name = container or f"{address}:{port}"
        self.address = address or address_of(inspect(container))
        self.port = port
        if not self.address:
            raise HostError(f"{self.name} has no address: it doesn't run")

    def ask(self, path, **query):
        """What is under `data` in the answer to GET /api/v1/{path}; raises HostError with Prometheus' words."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=PATIENCE)
        target = f"/api/v1/{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        try:
            connection.request("GET", target)
            found = json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise HostError(f"{self.name} doesn't answer: {error or type(error).__name__}") from error
        finally:
            connection.close()
        if found.get("status") != "success":
            raise HostError(f"{self.name} refused {query.get('query', path)}: {found.get('error')}")
        return found["data"]

    def now(self, query):
        """[{labels, value}] of an expression at this moment; NaN is no value."""
        found = self.ask("query", query=query)
        rows = found["result"] if found["resultType"] == "vector" else [{"metric": {}, "value": found["result"]}]
        return [{"labels": row["metric"], "value": float(row["value"][1])} for row in rows if row["value"][1] != "NaN"]

    def alerts(self):
        """[{name, severity, app, state, since, summary}] of those that fire, or wait for their time."""
        return [
            {
                "name": one["labels"].get("alertname"),
                "severity": one["labels"].get("severity"),
                "app": one["labels"].get("app"),
                "state": one["state"],
                "since": one.get("activeAt"),
                "summary": one["annotations"].get("summary") or one["annotations"].get("description"),
            }
            for one in self.ask("alerts")["alerts"]
        ]
