import os
import unittest

from support import Case, Programs

from fairlead import files
from fairlead.lib import files as lib_files
from fairlead.lib import units
from fairlead.lib.errors import HostError


class Declaration(Case):
    def setUp(self):
        super().setUp()
        self.manifests()
        self.replace(files, "check_space", lambda paths: None)
        self.broken = []
        self.programs = Programs()
        for module in (files, lib_files, units):
            self.replace(module, "run", self.run_program)
        self.replace(units, "FOLDER", self.path("systemd"))

    def run_program(self, argv, **options):
        answer = self.programs(argv, **options)
        if self.broken and "restart" in argv:
            raise HostError(self.broken.pop())
        return answer

    def update(self, **spec):
        """What one update runs, and how it ends."""
        self.programs.calls.clear()
        try:
            files.apply({"name": "docker", **spec})
        except HostError as error:
            return [*self.programs.lines, str(error)]
        return self.programs.lines

    def file(self, text, name="daemon.json"):
        return {"path": self.path(name), "mode": "0644", "content": text}


class Follows(Declaration):
    """What follows upon a change."""

    def test_is_done_by_the_next_update_where_it_failed_and_then_no_more(self):
        self.broken.append("no such unit")
        unit = {"name": "docker.service", "restartOn": [self.path("daemon.json")]}
        done = [self.update(files=[self.file(text)], units=[unit]) for text in ("one", "one", "one", "two")]
        restart = "systemctl restart docker.service"
        self.assertEqual(done, [[restart, "no such unit"], [restart], [], [restart]])
        self.assertEqual(sorted(os.listdir(self.path("state"))), ["docker.json"])

    def test_is_nothing_when_nothing_differs_but_units_run(self):
        unit = {"name": "docker.service", "enabled": True, "running": True, "restartOn": [self.path("daemon.json")]}
        self.update(files=[self.file("one")], units=[unit])
        again = self.update(files=[self.file("one")], units=[unit])
        self.assertEqual(again, ["systemctl enable --quiet --now docker.service"])


class Units(Declaration):
    def timer(self, **more):
        return {"name": "backup.timer", "service": "[Service]\n", "timer": "[Timer]\n", "enabled": True, "running": True, **more}

    def test_bring_their_files_and_are_restarted_when_those_change(self):
        first = self.update(units=[self.timer()])
        start = "systemctl enable --quiet --now backup.timer"
        self.assertEqual(first, ["systemctl daemon-reload", "systemctl restart backup.timer", start])
        self.assertEqual(self.read(self.path("systemd", "backup.service")), "[Service]\n")
        self.assertEqual(self.read(self.path("systemd", "backup.timer")), "[Timer]\n")
        self.assertEqual(self.update(units=[self.timer()]), [start])
        changed = self.update(units=[self.timer(timer="[Timer]\nOnCalendar=daily\n")])
        self.assertEqual(changed, ["systemctl daemon-reload", "systemctl restart backup.timer", start])

    def test_stop_before_their_files_go_when_they_are_no_longer_declared(self):
        self.update(units=[self.timer()])
        seen = []
        self.replace(units, "run", lambda argv, **_: seen.append((" ".join(argv), os.path.exists(self.path("systemd", "backup.timer")))))
        files.apply({"name": "docker"})
        self.assertIn(("systemctl disable --quiet --now backup.timer", True), seen)
        self.assertIn(("systemctl daemon-reload", False), seen)
        self.assertEqual(os.listdir(self.path("systemd")), [])

    def test_that_are_owned_stop_once_when_they_are_no_longer_declared(self):
        owned = {"name": "fail2ban.service", "enabled": True, "running": True, "owned": True}
        done = [self.update(units=declared) for declared in ([owned], [], [])]
        stop = ["systemctl disable --quiet --now fail2ban.service", "systemctl reset-failed --quiet fail2ban.service"]
        self.assertEqual(done, [["systemctl enable --quiet --now fail2ban.service"], stop, []])

    def test_of_others_go_on_when_the_component_goes(self):
        spec = {"name": "docker", "units": [{"name": "docker.service", "enabled": True}, self.timer()]}
        files.apply(spec)
        self.programs.calls.clear()
        files.remove(spec)
        self.assertIn("systemctl disable --quiet --now backup.timer", self.programs.lines)
        self.assertFalse([line for line in self.programs.lines if "docker.service" in line])
        self.assertEqual(os.listdir(self.path("systemd")), [])

    def test_differ_by_their_texts_and_by_what_systemd_says(self):
        self.update(units=[self.timer()])
        self.replace(units, "run", Programs({"systemctl is-enabled backup.timer": "disabled", "systemctl is-active backup.timer": "active"}))
        changed = self.timer(service="[Service]\nUser=nobody\n")
        found = [(one["thing"], one["aspect"]) for one in files.look({"name": "docker", "units": [changed]}) if one["aspect"] != "owner"]
        self.assertEqual(found, [(self.path("systemd", "backup.service"), "content"), ("unit backup.timer", "enabled")])


class Links(Declaration):
    def test_point_where_they_are_declared_and_differ_where_they_do_not(self):
        links = [{"path": self.path("localtime"), "target": "/usr/share/zoneinfo/Etc/UTC"}]
        spec = {"name": "base", "links": links}
        self.write(self.path("localtime"), "a file in its place")
        self.assertEqual([one["found"] for one in files.look(spec)], [None])
        files.apply(spec)
        self.assertEqual(os.readlink(self.path("localtime")), links[0]["target"])
        self.assertEqual(list(files.look(spec)), [])
        os.remove(self.path("localtime"))
        os.symlink("/usr/share/zoneinfo/Europe/Paris", self.path("localtime"))
        self.assertEqual([one["found"] for one in files.look(spec)], ["/usr/share/zoneinfo/Europe/Paris"])


class Cron(Declaration):
    def test_runs_the_very_words_that_are_declared(self):
        entry = {"name": "report", "schedule": "5 4 * * *", "user": "root", "command": ["mail", "-s", "it's 5 %", "me"]}
        self.assertEqual(files.cron.line(entry), "5 4 * * * root mail -s 'it'\"'\"'s 5 \\%' me\n")

    def test_is_a_file_that_goes_with_its_declaration(self):
        self.replace(files.cron, "FOLDER", self.path("cron.d"))
        files.apply({"name": "base", "cron": [{"name": "report", "schedule": "@daily", "user": "root", "command": ["true"]}]})
        self.assertEqual(self.read(self.path("cron.d", "fairlead-report")), "@daily root true\n")
        files.apply({"name": "base"})
        self.assertEqual(os.listdir(self.path("cron.d")), [])


class Refused(Declaration):
    def test_files_are_the_old_ones_again_when_their_check_refuses_them(self):
        files.apply({"name": "docker", "files": [self.file("one"), self.file("1", "other")]})

        def refuse(argv, **_):
            raise HostError("bad")

        self.replace(files, "run", refuse)
        words = self.refused(files.apply, {"name": "docker", "files": [self.file("two")], "check": [["check"]]})
        self.assertEqual(words, "the new files were refused and the old ones are back: bad")
        self.assertEqual([self.read(self.path("daemon.json")), self.read(self.path("other"))], ["one", "1"])


if __name__ == "__main__":
    unittest.main()
