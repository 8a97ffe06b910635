import http.server
import json
import os
import threading
import time
import unittest

from support import Case, Programs

from fairlead import cache_password, certificate, lock, status
from fairlead.lib import inventory, machine, pair, pem, stores, timers
from fairlead.lib.errors import HostError
from fairlead.lib.prometheus import Prometheus


def container(name, labels=None, environment=(), **state):
    return {
        "Id": name,
        "Name": f"/{name}",
        "Created": "2026-11-27T09:00:00.5Z",
        "RestartCount": 2,
        "Config": {"Labels": {"managed-by": "fairlead", "app": "shop", **(labels or {})}, "Env": list(environment)},
        "HostConfig": {"Memory": 1024},
        "State": {"Status": "running", "Running": True, "StartedAt": "2026-11-27T09:00:01.123456789Z", "ExitCode": 0, **state},
    }


class Engine:
    """Answers as Docker's engine does; a container that isn't among its own has gone meanwhile."""

    def __init__(self, containers, listed=()):
        self.containers, self.listed = {one["Id"]: one for one in containers}, listed

    def __call__(self, _method, path, query=None, body=None):
        if path == "/containers/json":
            return [{"Id": name} for name in (*self.containers, *self.listed)]
        name = path.split("/")[2]
        if name not in self.containers:
            raise HostError(f"no such container: {name}")
        return self.containers[name]


class Inventory(Case):
    def setUp(self):
        super().setUp()
        self.replace(inventory, "notes", lambda: {"api-1": {"restarts": 3}})

    def look(self, *containers, memory=60, listed=()):
        self.replace(inventory, "ask", Engine(containers, listed))
        self.replace(inventory, "usage", lambda _found: (memory, 1.5))
        return inventory.containers()["list"]

    def test_says_what_each_container_is_and_how_it_is(self):
        labels = {"service": "api", "process": "worker"}
        [found] = self.look(
            container("api-1", labels, ["RELEASE=api-0a", "X=a=b"], Health={"Status": "healthy"})
        )
        self.assertEqual(
            [found[key] for key in ("name", "system", "service", "process", "task", "release", "state", "health")],
            ["api-1", "shop", "api", "worker", None, "api-0a", "running", "healthy"],
        )
        self.assertEqual([found[key] for key in ("memory", "limit", "restarts", "liveRestarts")], [60, 1024, 2, 3])
        self.assertEqual(found["started"], 1795770001)

    def test_leaves_out_what_goes_while_it_looks_and_asks_nothing_stopped_for_memory(self):
        stopped = container("b", Running=False, Status="created", StartedAt="0001-01-01T00:00:00Z")
        found = self.look(stopped, listed=["gone"])
        self.assertEqual([(one["name"], one["memory"], one["started"]) for one in found], [("b", None, None)])


class Machine(Case):
    def test_reads_what_the_kernel_says(self):
        self.replace(machine, "PROC", self.folder)
        self.write(self.path("uptime"), "123.5 200.0\n")
        self.write(self.path("loadavg"), "0.50 0.25 0.10 1/200 4242\n")
        self.write(self.path("meminfo"), "MemTotal: 2000 kB\nMemAvailable: 500 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nHugePages_Total: 0\n")
        self.replace(machine, "REBOOT", self.path("reboot-required"))
        found = machine.look()
        self.assertEqual((found["uptime"], found["load"], found["memory"]), (123.5, [0.5, 0.25, 0.1], {"total": 2048000, "available": 512000}))
        self.assertFalse(found["reboot"])
        self.write(self.path("reboot-required"), "")
        self.assertTrue(machine.look()["reboot"])


TIMERS = "fairlead-renew.timer    loaded active waiting x\nfairlead-job-shop.nightly.timer loaded active waiting x\nfairlead-new.timer loaded inactive dead x\n"
TIMER = """Id=fairlead-renew.timer
ActiveState=active
LastTriggerUSec=Fri 2026-11-27 03:00:00 UTC
NextElapseUSecRealtime=Fri 2026-11-27 15:00:00 UTC

Id=fairlead-new.timer
ActiveState=inactive
LastTriggerUSec=
NextElapseUSecRealtime=
"""
SERVICE = """ExecMainExitTimestamp=Fri 2026-11-27 03:00:09 UTC
ExecMainStatus=1
Id=fairlead-renew.service
ActiveState=failed
Result=exit-code

ExecMainExitTimestamp=
ExecMainStatus=0
Id=fairlead-new.service
ActiveState=inactive
Result=success
"""


class Timers(Case):
    def test_say_how_they_ended_and_when_they_are_due_without_jobs_of_applications(self):
        programs = Programs(
            {
                f"systemctl list-units --all --plain --no-legend --type=timer {' '.join(timers.OWN)}": TIMERS,
                f"systemctl show --property {timers.TIMER} fairlead-renew.timer fairlead-new.timer": TIMER,
                f"systemctl show --property {timers.SERVICE} fairlead-renew.service fairlead-new.service": SERVICE,
            }
        )
        self.replace(timers, "run", programs)
        renew, new = timers.own()
        self.assertEqual(renew, {"name": "fairlead-renew", "active": True, "running": False, "last": 1795748400, "next": 1795791600, "ended": 1795748409, "result": "exit-code"})
        self.assertEqual((new["active"], new["ended"], new["result"], new["next"]), (False, None, None, None))

    def test_are_due_also_where_systemd_counts_from_the_start_of_the_server(self):
        now = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
        for text, seconds in (("17h 32min 5.5s", 63125.5), ("1min 400ms", 60.4), ("2d", 172800)):
            self.assertAlmostEqual(timers.since_start(text), now + seconds, delta=2)
        for text in ("infinity", "", "[not set]"):
            self.assertIsNone(timers.since_start(text))

    def test_are_none_where_systemd_has_none(self):
        self.replace(timers, "run", Programs())
        self.assertEqual((list(timers.own()), timers.failed()), ([], []))


INFO = "# Server\r\nredis_version:7.0.15\r\nconnected_clients:4\r\nused_memory:1000\r\nmaxmemory:0\r\nevicted_keys:2\r\ndb0:keys=7,expires=1\r\ndb3:keys=5,expires=0\r\n"


class Stores(Case):
    def test_are_asked_over_their_own_ways_and_not_where_they_do_not_run(self):
        self.assertEqual((stores.database(None), stores.cache(None, self.folder)), (None, None))
        self.replace(stores, "sql", lambda spec, _statement: json.dumps({"asked": spec["container"]}))
        self.assertEqual(stores.database({"name": "shop_postgres"}), {"asked": "shop_postgres"})
        # No administrator's password is made by a look.
        self.assertIsNone(stores.cache({"name": "shop_redis"}, self.folder))
        self.assertEqual(os.listdir(self.folder), [])

    def test_count_the_keys_of_all_databases(self):
        self.write(cache_password.admin_file({"directory": self.folder}), "secret")
        client = "docker exec -e REDISCLI_AUTH shop_redis redis-cli --user fairlead --no-auth-warning INFO"
        self.replace(stores, "run", Programs({client: INFO.replace("\r\n", "\n")}))
        found = stores.cache({"name": "shop_redis"}, self.folder)
        self.assertEqual(found, {"version": "7.0.15", "clients": 4, "bytes": 1000, "maxBytes": None, "keys": 12, "evicted": 2})

    def test_are_also_those_of_single_applications_that_run(self):
        self.assertEqual(stores.own_caches({}, self.path("none")), {"byService": {}})
        for name in ("till", "gone"):
            self.write(cache_password.admin_file({"directory": self.path(name)}), "secret")
        client = "docker exec -e REDISCLI_AUTH shop_cache-till redis-cli --user fairlead --no-auth-warning INFO"
        self.replace(stores, "run", Programs({client: INFO.replace("\r\n", "\n")}))
        found = stores.own_caches({"cache-till": {"name": "shop_cache-till"}}, self.folder)
        self.assertEqual({name: one["keys"] for name, one in found["byService"].items()}, {"cache-till": 12})


class Certificate(Case):
    def test_is_the_one_that_the_edge_shows_with_its_last_renewal(self):
        self.replace(certificate, "SETTINGS", self.path("certificates.json"))
        self.replace(certificate, "LOG", self.path("log"))
        self.assertIn("is missing", self.refused(certificate.present))
        self.write(self.path("certificates.json"), json.dumps({"mode": "acme", "tls": self.folder}))
        self.write(self.path("log"), "2026-11-01 renewed\n2026-11-27 not due\n")
        self.replace(pem, "blocks", lambda path: [path])
        self.replace(pem, "lifetime", lambda path: (1, 2))
        self.replace(pem, "names", lambda path: ["shop.test"])
        self.assertEqual(certificate.present(), {"mode": "acme", "names": ["shop.test"], "begin": 1, "end": 2, "last": "2026-11-27 not due"})
        self.assertEqual(pem.blocks(pair.current({"tls": self.folder})[0]), [self.path("edge", "fullchain.pem")])


class Run(Case):
    def test_is_the_one_that_gives_signs_of_life(self):
        self.replace(lock, "LOCK", self.path("lock"))
        self.assertIsNone(lock.present())
        self.write(self.path("lock"), json.dumps({"token": "t", "who": "me", "what": "npm run up", "since": "now"}))
        self.assertEqual(lock.present(), {"who": "me", "what": "npm run up", "since": "now"})
        os.utime(self.path("lock"), (1000, 1000))
        self.assertIsNone(lock.present())


class Whole(Case):
    def setUp(self):
        super().setUp()
        self.replace(status, "marker", lambda: {"name": "shop"})
        self.replace(status.lock, "LOCK", self.path("lock"))
        for module in (timers, stores):
            self.replace(module, "run", Programs())

    def test_hides_nothing_behind_what_it_cannot_see(self):
        def broken():
            raise KeyError("MemTotal")

        self.replace(machine, "look", broken)
        self.replace(inventory, "containers", lambda: {"list": []})
        found = status.look({})
        self.assertEqual(found["machine"], {"unseen": "KeyError: 'MemTotal'"})
        self.assertEqual(found["switch"], {"unseen": "the stack's version names no switch"})
        self.assertEqual((found["containers"], found["failed"], found["database"], found["monitoring"]), ({"list": []}, {"list": []}, None, None))

    def test_asks_the_stores_of_its_own_system_that_run(self):
        def one(name, system, state="running"):
            return {"name": name, "system": system, "service": "postgres", "state": state}

        self.replace(stores, "sql", lambda spec, _statement: json.dumps({"asked": spec["container"]}))
        for containers, wanted in (([one("mine", "shop"), one("other", "blog")], {"asked": "mine"}), ([one("mine", "shop", "exited")], None)):
            self.replace(inventory, "containers", lambda containers=containers: {"list": containers})
            self.assertEqual(status.look({})["database"], wanted)


ANSWERS = {
    "/api/v1/query?query=up": {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {"job": "node"}, "value": [1, "1"]}, {"metric": {}, "value": [1, "NaN"]}]}},
    "/api/v1/query?query=%7B": {"status": "error", "error": "parse error"},
    "/api/v1/alerts": {"status": "success", "data": {"alerts": [{"labels": {"alertname": "DiskFull", "severity": "warning"}, "annotations": {"summary": "9 % free"}, "state": "firing", "activeAt": "2026-11-27T09:00:00Z"}]}},
}


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = ANSWERS[self.path]
        self.send_response(200 if found["status"] == "success" else 400)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_words):
        pass


class Monitoring(Case):
    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.prometheus = Prometheus(address="127.0.0.1", port=server.server_port)

    def test_answers_values_and_alerts(self):
        self.assertEqual(self.prometheus.now("up"), [{"labels": {"job": "node"}, "value": 1.0}])
        self.assertEqual(
            self.prometheus.alerts(),
            [{"name": "DiskFull", "severity": "warning", "app": None, "state": "firing", "since": "2026-11-27T09:00:00Z", "summary": "9 % free"}],
        )

    def test_says_what_it_refused_and_that_it_is_gone(self):
        self.assertIn("refused {: parse error", self.refused(self.prometheus.now, "{"))
        self.assertIn("doesn't answer", self.refused(Prometheus(address="127.0.0.1", port=1).alerts))


if __name__ == "__main__":
    unittest.main()
