import datetime
import json
import unittest

from support import Case, ended

from fairlead import release
from fairlead.lib import anonymous, gate, patience, releases, run
from fairlead.lib.errors import HostError


def started(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000000Z")


class Probe(Case):
    def test_takes_no_longer_than_the_check_may_and_than_there_is_time_and_is_no_failure_of_the_gate_itself(self):
        given = []

        def hang(argv, timeout, **_):
            given.append(timeout)
            raise run.Late("docker exec c did not end")

        self.replace(gate, "run", hang)
        check = {"Test": ["CMD", "curl"], "Timeout": 5_000_000_000}
        found = [gate.probe("c", check), gate.probe("c", check, 2.5), gate.probe("c", check, -1), gate.probe("c", {"Test": ["CMD", "x"]})]
        self.assertEqual(given, [5, 2.5, 1, 30])
        self.assertEqual(found[0], (False, "no answer within 5 s"))

    def test_that_fails_without_a_word_says_its_exit_code(self):
        self.replace(gate, "run", lambda *_, **__: ended("", code=1))
        self.assertEqual(gate.probe("c", {"Test": ["CMD", "test", "-e", "/ready"]}), (False, "exit code 1, no output"))
        self.replace(gate, "run", lambda *_, **__: ended("", code=0))
        self.assertEqual(gate.probe("c", {"Test": ["CMD", "true"]}), (True, ""))

    def test_that_has_no_answer_tells_the_applications_last_words_when_the_time_is_over(self):
        state = {"Running": True, "StartedAt": started(3600), "ExitCode": 0}
        container = {"State": state, "RestartCount": 0, "Config": {"Healthcheck": {"Test": ["CMD", "curl"], "Timeout": 10_000_000}}}

        def docker(argv, **_):
            if argv[1] == "exec":
                raise run.Late("late")
            return ended("no such table: people" if argv[1] == "logs" else json.dumps([container]))

        self.replace(gate, "run", docker)
        words = self.refused(gate.wait_healthy, "c", 0.1)
        self.assertRegex(words, r"(?s)did not become healthy within 0.1 s.*no answer within 1 s.*no such table: people")


class Interrupted(Case):
    """A gate whose run is interrupted while it waits for a container that doesn't become healthy."""

    def setUp(self):
        super().setUp()
        self.replace(patience, "MARK", self.path("interrupted"))
        self.replace(gate, "PATIENCE", patience.Patience())
        state = {"Running": True, "StartedAt": started(3600), "ExitCode": 0}
        container = {"State": state, "RestartCount": 0, "Config": {"Healthcheck": {"Test": ["CMD", "check"]}}}
        self.checks = 0

        def docker(argv, **_):
            if argv[1] != "exec":
                return ended(json.dumps([container]))
            self.checks += 1
            if self.checks == 2:
                patience.interrupt()
            return ended("not yet", code=1)

        self.replace(gate, "run", docker)

    def test_waits_no_longer_and_says_why(self):
        words = self.refused(gate.wait_healthy, "c", 60)
        self.assertEqual(words, "c was not waited for any longer: the update was interrupted.\nLast health check: not yet")
        self.assertEqual(self.checks, 2)

    def test_waits_for_what_is_put_back_and_in_the_next_run(self):
        self.refused(gate.wait_healthy, "c", 60)
        patience.interrupt()
        self.assertRegex(self.refused(gate.wait_healthy, "c", 0.1), "did not become healthy within 0.1 s")
        self.replace(gate, "PATIENCE", patience.Patience())
        self.assertRegex(self.refused(gate.wait_healthy, "c", 0.1), "did not become healthy within 0.1 s")


class Gate(Case):
    """A container as Docker shows it, and an engine that refuses what a test names in `codes`."""

    def setUp(self):
        super().setUp()
        self.calls, self.codes = [], {}
        self.container = {
            "State": {"Running": True, "StartedAt": started(3600), "ExitCode": 0},
            "RestartCount": 0,
            "HostConfig": {"PidsLimit": 64},
            "Config": {"Healthcheck": {"Test": ["CMD", "check"]}},
        }
        self.replace(gate, "run", self.docker)
        self.replace(gate.time, "sleep", lambda seconds: None)
        self.replace(gate, "say", lambda text: None)

    def docker(self, argv, check=True, **_):
        self.calls.append(" ".join(argv))
        if argv[1] == "inspect":
            flags = [self.container["State"].get(name, False) for name in ("Running", "Restarting", "Paused")]
            return ended(" ".join(str(flag).lower() for flag in flags) if "-f" in argv else json.dumps([self.container]))
        if argv[1] == "logs":
            return ended("no such table: people")
        code = self.codes.get(argv[1], 0)
        if code and check:
            raise HostError(argv[1])
        return ended(code=code)

    def keeps_stopping(self):
        self.container["State"].update(Running=False, Restarting=True, StartedAt=started(1), ExitCode=1)
        self.container["RestartCount"] = 3

    def test_does_not_hold_a_crash_of_long_ago_against_a_container(self):
        self.container["RestartCount"] = 7
        self.assertTrue(gate.wait_healthy("c", 5, 64))

    def test_gives_up_on_one_that_keeps_stopping_with_its_own_last_words(self):
        self.keeps_stopping()
        words = self.refused(gate.wait_healthy, "c", 5, 64)
        self.assertRegex(words, r"(?s)c keeps stopping \(restarted 3 times\).*no such table: people")

    def test_says_the_containers_last_words_not_the_engines_when_it_stopped_before_its_limit_was_set(self):
        self.codes["update"] = 1

        def update(argv, **rest):
            if argv[1] == "update":
                self.keeps_stopping()
            return self.docker(argv, **rest)

        self.replace(gate, "run", update)
        words = self.refused(gate.wait_healthy, "c", 5, 512)
        self.assertIn("no such table: people", words)
        self.assertNotRegex(words, "^update")

    def test_insists_on_the_limit_of_one_that_runs(self):
        self.codes["update"] = 1
        self.assertEqual(self.refused(gate.wait_healthy, "c", 5, 512), "update")

    def test_starts_what_does_not_run(self):
        states = {
            "": {"Running": True},
            "unpause": {"Running": True, "Paused": True},
            "restart": {"Running": True, "Restarting": True},
            "start": {"Running": False},
        }
        for verb, state in states.items():
            self.container["State"] = {"StartedAt": started(60), "ExitCode": 0, **state}
            self.calls.clear()
            gate.revive("c")
            done = [call for call in self.calls if call.split()[1] != "inspect"]
            self.assertEqual(done, [f"docker {verb} c"] if verb else [])

    def test_counts_only_what_a_program_can_be_run_in_as_running(self):
        result = []
        for state in ({}, {"Restarting": True}, {"Restarting": False, "Paused": True}, {"Running": False}):
            self.container["State"].update(state)
            result.append(gate.is_running("c"))
        self.assertEqual(result, [True, False, False, False])

    def test_of_a_release_sets_the_limit_of_every_container(self):
        self.container["HostConfig"]["PidsLimit"] = None
        release.apply({"app": "api", "release": "api-1", "containers": ["a", "b"], "pids": 64, "within": 5})
        limits = [call for call in self.calls if call.startswith("docker update")]
        self.assertEqual(limits[:1], ["docker update --pids-limit 64 a"])
        self.assertIn("docker update --pids-limit 64 b", limits)
        found = list(release.look({"containers": ["a"], "pids": 64}))
        self.assertEqual([(one["declared"], one["found"]) for one in found], [(64, None)])

    def test_of_a_release_that_fails_stops_what_has_no_traffic_and_leaves_what_serves(self):
        self.keeps_stopping()
        self.replace(releases, "run", self.docker)
        self.replace(releases, "runtime_of", lambda socket: type("Runtime", (), {"servers": lambda _, app: {"s1": {"host": "serving"}}})())
        spec = {"app": "api", "release": "api-1", "containers": ["serving", "new"], "pids": 64, "within": 5}
        words = self.refused(release.apply, {**spec, "switch": {"socket": "/x"}})
        self.assertRegex(words, r"(?s)^release api-1 gets no traffic; what served before still does\..*no such table: people")
        self.assertRegex(words, r"Stopped: new; `docker logs` there still shows why\.$")
        self.assertEqual([call for call in self.calls if " stop " in call], ["docker stop --time 10 new"])

    def test_of_a_release_without_a_switch_stops_nothing(self):
        self.keeps_stopping()
        self.replace(releases, "run", self.docker)
        words = self.refused(release.apply, {"app": "job", "release": "job-1", "containers": ["a"], "pids": 64, "within": 5})
        self.assertRegex(words, r"(?s)^release job-1 doesn't pass its gate\..*no such table: people")
        self.assertFalse([call for call in self.calls if " stop " in call])

    def test_says_the_same_words_each_half_minute_and_others_after_five_seconds(self):
        now = [0.0]
        said = []
        words = iter([f"word {index // 400}" for index in range(10_000)])
        self.replace(gate, "say", said.append)
        self.replace(gate.time, "monotonic", lambda: now[0])
        self.replace(gate.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
        self.replace(gate, "check", lambda *_: (False, next(words)))
        self.refused(gate.wait_healthy, "c", 100, 64)
        self.assertEqual([line.rpartition(" ")[2] for line in said], ["0", "0", "0", "1"])


class Anonymous(Case):
    """What an image declares as a volume, and no setting names."""

    def test_is_named_with_what_to_do(self):
        mounts = [
            {"Type": "volume", "Name": "a" * 64, "Destination": "/data"},
            {"Type": "volume", "Name": "shop_web_files", "Destination": "/files"},
            {"Type": "bind", "Destination": "/run/secrets"},
        ]
        said = []
        self.replace(anonymous, "say", said.append)
        self.replace(anonymous, "inspect", lambda name: {"Mounts": mounts})
        anonymous.warn("web-1", ["c", "d"])
        self.assertEqual(len(said), 1)
        self.assertRegex(said[0], "^web-1: its image declares /data as a volume.*`volumes`")
        said.clear()
        self.replace(anonymous, "inspect", lambda name: {"Mounts": mounts[1:]})
        anonymous.warn("web-1", ["c"])
        self.assertEqual(said, [])



if __name__ == "__main__":
    unittest.main()
