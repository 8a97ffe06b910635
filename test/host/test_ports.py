import unittest
from types import SimpleNamespace

from support import Case

from fairlead.lib import backend, ports, slots, switch_files

HTTP = {"app": "mail", "domain": "example.com", "port": 8080, "health": "/health"}
TCP = {"app": "mail", "domain": "example.com", "port": 2525}
LISTED = [{"port": 25, "to": 2525}, {"port": 993, "to": 1993, "proxy": True}]


class File(Case):
    """What HAProxy reads of an application with TCP ports."""

    def test_is_as_it_was_without_ports(self):
        self.assertEqual(backend.render(HTTP, {}), backend.render({**HTTP, "ports": []}, {}))
        self.assertNotIn("mode tcp", backend.render(HTTP, {}))

    def test_has_a_backend_for_each_port_whose_servers_follow_the_applications(self):
        text = backend.render({**HTTP, "ports": LISTED}, {"s1": {"host": "mail-1", "weight": 70}})
        lines = [line for line in text.splitlines() if " s1 " in line]
        self.assertEqual([line.split()[2:5] for line in lines], [[f"mail-1:{port}", "weight", "70"] for port in (8080, 2525, 1993)])
        self.assertEqual([line.split()[5:7] for line in lines[1:]], [["track", "mail/s1"]] * 2)
        self.assertEqual([line.endswith(" send-proxy-v2") for line in lines], [False, False, True])
        self.assertEqual(text.count("\n  server "), 96)
        self.assertEqual(switch_files.sockets_of({"socket": "/run/x/_admin.sock"}, text), [f"/run/x/{name}.sock" for name in ("mail", "_mail_25", "_mail_993")])

    def test_asks_no_page_of_an_application_without_http(self):
        text = backend.render({**TCP, "ports": LISTED}, {})
        self.assertIn("option tcp-check", text)
        self.assertNotIn("httpchk", text)
        self.assertNotIn("{{", text)
        self.assertNotIn("mail.sock mode", text.replace("_mail", ""))

    def test_needs_a_reload_for_another_port_and_none_for_hosts(self):
        spec = {**HTTP, "ports": LISTED}
        text = backend.render(spec, {"s2": {"host": "mail-1", "weight": 70, "port": 8080}})
        self.assertTrue(backend.same_structure(text, spec))
        for other in ([], LISTED[:1], [{"port": 25, "to": 26}, LISTED[1]], [{**LISTED[0], "proxy": True}, LISTED[1]]):
            self.assertFalse(backend.same_structure(text, {**HTTP, "ports": other}), other)

    def test_keeps_the_port_on_which_a_release_from_before_listens(self):
        text = backend.render({**HTTP, "ports": LISTED}, {"s1": {"host": "mail-0", "weight": 1, "ports": {25: 26}}})
        self.assertIn("  server s1 mail-0:26 weight 1 track mail/s1", text)

    def test_has_connections_wait_where_an_application_is_exclusive(self):
        text = backend.render({**HTTP, "ports": LISTED, "exclusive": True}, {})
        self.assertEqual(text.count("  retries 300\n"), 3)


class Live(Case):
    """What the runtime API is told."""

    def setUp(self):
        super().setUp()
        self.said = []
        entry = {"host": "switch", "address": "10.0.0.1", "port": 2525, "weight": 0, "admin": 0, "up": True}
        self.servers = {name: {"s1": dict(entry)} for name in ("mail", "_mail_25", "_mail_993")}
        self.runtime = SimpleNamespace(servers=self.servers.get, set=self.set, ask=self.said.append, sessions=lambda name: {"s1": 2})
        self.spec = {**HTTP, "ports": LISTED}

    def set(self, command):
        self.said.append(command)
        words = command.split()
        if words[-2] == "fqdn":
            backend_name, slot = words[2].split("/")
            self.servers[backend_name][slot].update(host=words[-1], address="10.0.0.9")

    def test_every_port_follows_to_a_host_and_stays_there(self):
        ports.follow(self.spec, self.runtime, "s1", "mail-1")
        self.assertEqual([line for line in self.said if "fqdn" in line], [f"set server {name}/s1 fqdn mail-1" for name in ("_mail_25", "_mail_993")])
        self.said.clear()
        ports.follow(self.spec, self.runtime, "s1", "mail-1")
        self.assertEqual(self.said, [])

    def test_every_port_has_the_weight_and_counts_what_is_open(self):
        ports.weigh(self.spec, self.runtime, "s1", 70)
        self.assertEqual(self.said, [f"set server {name}/s1 weight 70" for name in ("mail", "_mail_25", "_mail_993")])
        self.assertEqual(ports.sessions(self.spec, self.runtime), {"s1": 6})

    def test_a_slot_that_becomes_free_closes_what_is_open_on_every_port(self):
        self.servers["mail"]["s1"]["host"] = "mail-1"
        slots.free_slots(self.spec, self.runtime, {"s1": "mail-1"})
        for name in ("mail", "_mail_25", "_mail_993"):
            self.assertIn(f"shutdown sessions server {name}/s1", self.said)

    def test_a_port_that_leads_elsewhere_is_a_difference(self):
        for name in ("_mail_25", "_mail_993"):
            self.servers[name]["s1"].update(host="mail-1", weight=100)
        self.assertEqual(list(ports.look(self.spec, self.runtime, {"s1": "mail-1"}, {"mail-1": 100})), [])
        self.servers["_mail_25"]["s1"].update(weight=5)
        self.servers["_mail_993"]["s1"].update(host="switch")
        self.assertEqual(len(list(ports.look(self.spec, self.runtime, {"s1": "mail-1"}, {"mail-1": 100}))), 2)


if __name__ == "__main__":
    unittest.main()
