import http.server
import json
import socketserver
import threading
import unittest

from support import Case, Programs

from fairlead import notify


class Web(http.server.BaseHTTPRequestHandler):
    posted = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).posted.append((self.path, body))
        self.send_response(500 if self.path == "/broken" else 200)
        self.end_headers()

    def log_message(self, *_args):
        pass


class Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as a letter needs (RFC 5321)."""

    letters = []

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        letter, inside = [], False
        for line in self.rfile:
            text = line.decode().rstrip("\r\n")
            if inside:
                inside = text != "."
                letter.append(text)
            elif text.upper() == "DATA":
                inside = True
                self.wfile.write(b"354 go on\r\n")
                continue
            if not inside:
                self.wfile.write(b"221 bye\r\n" if text.upper() == "QUIT" else b"250 ok\r\n")
            if text.upper() == "QUIT":
                break
        type(self).letters.append("\n".join(letter))


class Failure(Case):
    def setUp(self):
        super().setUp()
        Web.posted, Mail.letters = [], []
        self.replace(notify, "SETTINGS", self.path("notify.json"))
        self.replace(notify, "PAUSES", (0, 0))
        self.programs = Programs({"journalctl --unit fairlead-renew.service --lines 20 --output cat --no-pager --quiet": "no DNS\nfailed\n"})
        self.replace(notify, "run", self.programs)

    def serve(self, server):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def url(self, port, path):
        return self.write(self.path("secrets", path), f"http://127.0.0.1:{port}/{path}\n")

    def declare(self, *channels):
        self.write(self.path("notify.json"), json.dumps({"system": "shop", "channels": channels}))

    def test_reaches_everybody_with_the_last_lines_of_the_journal(self):
        web = self.serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web))
        mail = self.serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail))
        self.declare(
            {"kind": "slack", "url": self.url(web, "slack"), "channel": "#ops"},
            {"kind": "discord", "url": self.url(web, "discord")},
            {"kind": "webhook", "url": self.url(web, "hook")},
            {"kind": "email", "to": ["a@example.com"], "from": "b@example.com", "host": "127.0.0.1", "port": mail, "tls": False},
        )
        notify.failure({"unit": "fairlead-renew.service"})
        posted = dict(Web.posted)
        self.assertEqual(posted["/slack"], {"channel": "#ops", "text": "*shop: fairlead-renew.service failed*\n```no DNS\nfailed```"})
        self.assertIn("no DNS", posted["/discord"]["content"])
        alert = posted["/hook"]["alerts"][0]
        self.assertEqual((alert["labels"]["alertname"], alert["labels"]["unit"]), ("TimerFailed", "fairlead-renew.service"))
        self.assertIn("Subject: shop: fairlead-renew.service failed", Mail.letters[0])
        self.assertIn("no DNS", Mail.letters[0])

    def test_names_who_was_not_told_and_no_address(self):
        web = self.serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web))
        self.declare({"kind": "slack", "url": self.url(web, "broken")}, {"kind": "discord", "url": self.url(web, "discord")})
        words = self.refused(notify.failure, {"unit": "certbot.service"})
        self.assertEqual(words, "not everybody was told that certbot.service failed: slack: Internal Server Error")
        self.assertEqual([path for path, _ in Web.posted], ["/broken"] * 3 + ["/discord"])

    def test_says_when_nobody_is_declared(self):
        self.assertIn("notify.json is missing", self.refused(notify.failure, {"unit": "x.service"}))


if __name__ == "__main__":
    unittest.main()
