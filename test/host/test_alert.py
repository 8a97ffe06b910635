import http.server
import json
import threading
import unittest

from support import Case

from fairlead import alert
from fairlead.lib import alertmanager

CONFIG = """receivers:
  - name: nobody
  - name: critical
    slack_configs:
      - api_url_file: /run/secrets/SLACK
    email_configs:
      - to: a@example.com
  - name: warning
    webhook_configs:
      - url_file: /run/secrets/W
"""


class Server(http.server.BaseHTTPRequestHandler):
    """Alertmanager as far as the tools ask it; every look at its figures finds one notification more."""

    looks = 0

    def do_GET(self):
        if self.path == "/metrics":
            type(self).looks += 1
            text = (
                f'alertmanager_notification_requests_total{{integration="webhook",receiver_name="watchdog"}} {self.looks}\n'
                f'alertmanager_notification_requests_total{{integration="slack",receiver_name="critical"}} {self.looks}\n'
                f'alertmanager_notification_requests_total{{integration="email",receiver_name="critical"}} {self.looks}\n'
                f'alertmanager_notification_requests_failed_total{{integration="email",receiver_name="critical",reason="other"}} {self.looks}\n'
            )
        elif self.path == "/api/v2/status":
            text = json.dumps({"config": {"original": CONFIG}})
        else:
            text = json.dumps([{"labels": {}}] if "TestAlert" in self.path else [])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_args):
        pass


class Test(Case):
    def setUp(self):
        super().setUp()
        Server.looks = 0
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.replace(alertmanager, "inspect", lambda _name: {"NetworkSettings": {"Networks": {"n": {"IPAddress": "127.0.0.1"}}}})
        self.manager = alertmanager.Alertmanager("shop_alertmanager", server.server_port)

    def test_knows_the_channels_of_a_receiver(self):
        self.assertEqual([self.manager.channels(name) for name in ("critical", "warning", "nobody", "none")], [["slack", "email"], ["webhook"], [], []])

    def test_counts_attempts_and_failures(self):
        found = self.manager.notifications("critical")
        self.assertEqual(found, {"attempts": {"slack": 1.0, "email": 1.0}, "failed": {"email": 1.0}})

    def test_says_who_got_it_and_why_another_did_not(self):
        self.run_with(["slack", "email"])
        found = alert.test({})
        self.assertEqual(found["receivers"]["slack"], {"sent": 2, "failed": 0})
        self.assertEqual(found["receivers"]["email"], {"sent": 0, "failed": 2, "why": "535 refused by (address)"})

    def test_ends_when_nobody_would_be_told(self):
        self.run_with([])
        self.assertIn("declare a receiver", self.refused(alert.test, {}))

    def run_with(self, channels):
        running = [{"name": f"shop_{name}", "service": name, "system": "shop", "state": "running"} for name in ("alertmanager", "prometheus")]
        self.replace(alert, "containers", lambda: {"list": running})
        self.replace(alert, "marker", lambda: {"name": "shop"})
        self.replace(alert, "ROOT", self.folder)
        self.write(self.path("shop", "metrics", "x"), "")
        self.replace(alert, "SENT", 0.1)
        self.replace(alert, "Alertmanager", lambda _name: self.manager)
        self.replace(self.manager, "channels", lambda _name: channels)
        self.replace(self.manager, "errors", lambda _kind, _since: ["535 refused by https://hooks.example/secret"])


class Errors(unittest.TestCase):
    def test_are_those_of_the_channel(self):
        line = json.dumps({"level": "WARN", "integration": "slack[0]", "err": "channel_not_found"})
        self.assertEqual(alertmanager.error_of(line, "slack"), "channel_not_found")
        self.assertIsNone(alertmanager.error_of(line, "email"))
        self.assertIsNone(alertmanager.error_of("no json", "slack"))


if __name__ == "__main__":
    unittest.main()
