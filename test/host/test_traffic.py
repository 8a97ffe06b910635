import os
import unittest

from support import Case

from fairlead import switch_process, traffic
from fairlead.lib import backend, haproxy

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
        for change in ({"port": 80}, {"health": "/up"}, {"domain": "example.org"}):
            self.assertFalse(backend.same_structure(backend.render({**SPEC, **change}, {}), SPEC), change)
        text = backend.render(SPEC, {})
        for found in ("", text.replace("balance random", "balance roundrobin"), text.replace("fall 3", "fall 2"), text.replace("server s32", "server x")):
            self.assertFalse(backend.same_structure(found, SPEC))


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
