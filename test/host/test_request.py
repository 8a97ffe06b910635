import http.server
import json
import threading

from support import Case, ended

from fairlead.lib import gate, request


class Application(http.server.BaseHTTPRequestHandler):
    """Answers 200 to its own name, 400 to another, and 204 at /empty."""

    def do_GET(self):
        known = self.headers["Host"] == "shop.test"
        self.send_response(204 if self.path == "/empty" else 200 if known else 400)
        self.end_headers()

    def log_message(self, *_):
        pass


class Asked(Case):
    """A container at this machine's address, and an engine whose exec can't run anything in it."""

    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.http = {"port": server.server_port, "path": "/up", "host": "shop.test"}
        self.test, self.code, self.execs = ["CMD-SHELL", "wget x"], 127, 0
        self.replace(gate, "run", self.docker)

    def docker(self, argv, **_):
        if argv[1] == "exec":
            self.execs += 1
            return ended("not found", code=self.code)
        return ended(json.dumps([self.found()]))

    def found(self):
        state = {"Running": True, "StartedAt": "2020-01-01T00:00:00.0Z", "ExitCode": 0}
        networks = {"Networks": {"shop": {"IPAddress": "127.0.0.1"}}}
        return {"State": state, "RestartCount": 0, "Config": {"Healthcheck": {"Test": self.test}}, "NetworkSettings": networks}

    def passed(self, **change):
        return gate.check("c", self.found(), 5, {**self.http, **change})

    def test_the_server_asks_where_the_image_has_no_program_for_its_check(self):
        for code in (126, 127):
            self.code = code
            self.assertTrue(self.passed()[0])

    def test_a_check_that_ran_and_failed_is_not_asked_again_from_outside(self):
        self.code = 1
        self.assertFalse(self.passed()[0])

    def test_the_server_alone_asks_where_the_container_has_no_check(self):
        self.test = ["NONE"]
        self.assertTrue(self.passed()[0])
        self.assertEqual(self.execs, 0)

    def test_a_refusal_says_what_was_asked_for_and_by_which_name(self):
        passed, words = self.passed(host=None)
        self.assertFalse(passed)
        port = self.http["port"]
        self.assertEqual(words, f"GET /up on port {port} with Host 127.0.0.1:{port} answered 400, expected 200-399")

    def test_expected_statuses_are_those_declared(self):
        self.assertTrue(self.passed(path="/empty", status="204")[0])
        self.assertFalse(self.passed(path="/empty", status="200,300-399")[0])

    def test_nobody_at_the_port_is_a_failure_not_an_error(self):
        self.assertFalse(self.passed(port=1)[0])

    def test_a_container_without_a_network_is_a_failure(self):
        self.assertEqual(request.ask({}, self.http, 1), (False, "the container has no address"))
