import contextlib
import os
import unittest
from types import SimpleNamespace

from support import Case

from fairlead import switch_process, traffic
from fairlead.lib import backend, haproxy, slots
from fairlead.lib.errors import HostError

SPEC = {"app": "api", "domain": "example.com", "port": 8080, "health": "/health"}
# What a version before the nouns wrote: a hash of its texts on top, and no words about itself.
OLD_HEAD = "# structure 1f2e\n"


class Backend(Case):
    """The file of an application."""

    def test_has_a_socket_a_check_and_room_for_two_releases(self):
        text = backend.render(SPEC, {})
        self.assertIn("bind unix@/run/switch/api.sock", text)
        self.assertIn("uri /health ver HTTP/1.1 hdr Host example.com ", text)
        servers = [line for line in text.splitlines() if line.startswith("  server ")]
        self.assertEqual(len(servers), 32)
        self.assertRegex(servers[0], r"^  server s1 switch:8080 weight 0 disabled check inter 1s .* init-addr libc,none$")
        self.assertNotIn("{{", text)

    def test_says_hosts_with_their_weights_and_ports(self):
        servers = {"s1": {"host": "api-1", "weight": 90}, "s3": {"host": "api-0", "weight": 10, "port": 80}}
        lines = [line.split(" check ")[0] for line in backend.render(SPEC, servers).splitlines() if line.startswith("  server s")]
        self.assertEqual(lines[0], "  server s1 api-1:8080 weight 90")
        self.assertEqual(lines[2], "  server s3 api-0:80 weight 10")

    def test_needs_no_reload_for_hosts_and_weights_also_as_a_version_before_wrote_it(self):
        text = backend.render(SPEC, {"s1": {"host": "api-1", "weight": 90}})
        self.assertTrue(backend.same_structure(text, SPEC))
        self.assertTrue(backend.same_structure(OLD_HEAD + text.partition("\n")[2], SPEC))

    def test_needs_a_reload_for_everything_else(self):
        for change in ({"status": "204"}, {"host": "shop.test"}, {"port": 80}, {"health": "/up"}, {"domain": "example.org"}):
            self.assertFalse(backend.same_structure(backend.render({**SPEC, **change}, {}), SPEC), change)
        text = backend.render(SPEC, {})
        for found in ("", text.replace("balance random", "balance roundrobin"), text.replace("fall 3", "fall 2"), text.replace("server s32", "server x")):
            self.assertFalse(backend.same_structure(found, SPEC))


    def test_speaks_http_2_where_an_application_carries_grpc_and_asks_its_health_service_as_grpc(self):
        spec = {**SPEC, "grpc": True}
        text = backend.render(spec, {"s1": {"host": "api-1", "weight": 90}})
        servers = [line for line in text.splitlines() if line.startswith("  server ")]
        self.assertEqual({line.endswith(" proto h2") for line in servers}, {True})
        self.assertIn("http-check send meth GET uri /health ", text)
        self.assertFalse(backend.same_structure(text, SPEC))
        self.assertTrue(backend.same_structure(text, spec))
        asked = backend.render({**spec, "health": "/grpc.health.v1.Health/Check"}, {})
        self.assertRegex(asked, r"http-check send meth POST uri /grpc\.health\.v1\.Health/Check .* hdr Content-Type application/grpc hdr TE trailers\n")
        self.assertIn("meth GET uri /grpc.health.", backend.render({**SPEC, "health": "/grpc.health.v1.Health/Check"}, {}))

    def test_has_requests_wait_only_where_an_application_is_exclusive(self):
        waits = ["  retries 300", "  option redispatch 1"]
        lines = backend.render({**SPEC, "exclusive": True}, {}).splitlines()
        self.assertEqual([line for line in lines if line in waits], waits)
        self.assertFalse(set(waits) & set(backend.render(SPEC, {}).splitlines()))
        self.assertFalse(backend.same_structure(backend.render(SPEC, {}), {**SPEC, "exclusive": True}))


class Waiting(Case):
    """An exclusive application, whose release stops before the next one starts."""

    def apply(self, outcome):
        said = []
        entry = {"host": "old-1", "address": "10.0.0.2", "weight": 100, "admin": 0, "up": True, "port": 80}
        self.replace(traffic, "process", lambda spec: 1)
        self.replace(traffic, "runtime_of", lambda path: SimpleNamespace(servers=lambda app: {"s1": entry}, set=said.append))
        self.replace(traffic, "wait_healthy", lambda name, within: said.append(f"{name} is well"))
        spec = {"app": "api", "socket": "s", "within": 5, "exclusive": True, "releases": [{"name": "new", "weight": 100, "containers": ["new-1"]}]}
        with contextlib.suppress(HostError), traffic.waiting(spec):
            said.append("handover")
            outcome()
        return said

    def test_keeps_the_stopped_server_in_the_traffic(self):
        self.assertEqual(self.apply(lambda: None), ["disable health api/s1", "handover"])

    def test_checks_what_ran_before_again_once_it_is_back(self):
        def fail():
            raise HostError("no")

        self.assertEqual(self.apply(fail)[2:], ["old-1 is well", "enable health api/s1"])


class Failed(Case):
    """A release that the switch doesn't reach, after the application's file was made anew for it."""

    def apply(self, before):
        spec = {**SPEC, "file": self.path("api.cfg"), "socket": self.path("s"), "container": "c", "drain": 0, "releases": []}
        old = backend.render({**SPEC, "health": "/old"}, {"s1": {"host": "api-1", "weight": 100}})
        self.write(spec["file"], old)
        self.reloads = 0

        def reload(_spec):
            self.reloads += 1

        def refuse(*_):
            raise HostError("404")

        for name, value in {
            "exclusive": contextlib.nullcontext, "process": lambda spec: 1, "reload": reload, "admit": refuse,
            "runtime_of": lambda path: self.runtime(before),
        }.items():
            self.replace(traffic, name, value)
        open(self.path("api.sock"), "w", encoding="utf8").close()
        self.refused(traffic.apply, spec)
        with open(spec["file"], encoding="utf8") as file:
            return file.read() == old

    def runtime(self, before):
        return SimpleNamespace(servers=lambda app: before, set=lambda command: None)

    def test_leaves_what_served_before_with_its_own_check_also_for_the_next_start(self):
        entry = {"host": "api-1", "address": "10.0.0.2", "weight": 100, "admin": 0, "up": True, "port": 8080}
        self.assertTrue(self.apply({"s1": entry}))
        self.assertEqual(self.reloads, 2)

    def test_has_its_new_slots_where_nothing_served_before(self):
        self.assertFalse(self.apply({}))
        self.assertEqual(self.reloads, 1)


class Drained(Case):
    def test_is_freed_unless_another_run_has_given_it_traffic_again(self):
        told = []
        servers = {"s1": {"host": "a", "admin": haproxy.DRAIN}, "s2": {"host": "b", "admin": 0}}
        runtime = SimpleNamespace(servers=lambda app: servers, set=told.append, ask=told.append)
        slots.free_drained(SPEC, runtime, {"s1": "a", "s2": "b", "s3": "c"})
        self.assertEqual([one for one in told if "s2" in one or "s3" in one], [])
        self.assertIn("set server api/s1 fqdn switch", told)


class Look(Case):
    def spec(self):
        os.mkdir(self.path("conf.d"))
        self.write(self.path("api.sock"), "")
        releases = [{"name": "api-1", "weight": 100, "containers": ["api-1-1"]}]
        return {**SPEC, "file": self.path("conf.d", "api.cfg"), "socket": self.path("_admin.sock"), "releases": releases}

    def entry(self, host, weight, **more):
        return {"host": host, "weight": weight, "admin": 0, "up": True, "port": 8080, **more}

    def found(self, spec, servers):
        self.replace(haproxy.Runtime, "servers", lambda runtime, app: servers)
        return [(one["thing"], one["aspect"], one["declared"], one["found"]) for one in traffic.look(spec) if one["aspect"] != "content"]

    def test_names_weights_states_and_servers_that_nobody_declared(self):
        spec = self.spec()
        self.write(spec["file"], backend.render(spec, {"s1": {"host": "api-1-1", "weight": 100}}))
        self.assertEqual(list(self.found(spec, {"s1": self.entry("api-1-1", 100), "s2": self.entry("switch", 0)})), [])
        drained = self.found(spec, {"s1": self.entry("api-1-1", 7, admin=haproxy.DRAIN), "s2": self.entry("stranger", 3)})
        thing = "traffic of api to api-1-1"
        self.assertEqual(drained, [(thing, "weight", 100, 7), (thing, "state", "ready", "draining"), ("traffic of api to stranger", "weight", None, 3)])

    def test_compares_the_file_as_a_whole(self):
        spec = self.spec()
        self.write(spec["file"], backend.render(spec, {"s1": {"host": "api-1-1", "weight": 100}}) + "# by hand\n")
        self.replace(haproxy.Runtime, "servers", lambda runtime, app: {"s1": self.entry("api-1-1", 100)})
        self.assertEqual([one["aspect"] for one in traffic.look(spec)], ["content"])


class SwitchProcess(Case):
    def test_reads_its_file_again_when_that_was_written_after_the_start_be_it_by_half_a_second(self):
        file = self.write(self.path("haproxy.cfg"), "")
        self.replace(switch_process.time, "time", lambda: 1000.25)
        answer = "Name: HAProxy\nPid: 8\nUptime: 0d\nUptime_sec: 10.500000\n"
        self.replace(haproxy.Runtime, "ask", lambda runtime, command: answer if command == "show info float" else "")
        spec = {"socket": file, "file": file}
        result = []
        for written in (989, 989.75, 990.25, 991):
            os.utime(file, (written, written))
            result.append(switch_process.loaded(spec))
        self.assertEqual(result, [True, True, False, False])
        self.assertFalse(switch_process.loaded({**spec, "socket": "/nowhere"}))


if __name__ == "__main__":
    unittest.main()
