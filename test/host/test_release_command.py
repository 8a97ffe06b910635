import fcntl
import os
import threading

from support import Case, ended

from fairlead import release_command


class ReleaseCommand(Case):
    """A release's own command."""

    def setUp(self):
        super().setUp()
        self.calls, self.state = [], {"Running": False, "StartedAt": "now", "ExitCode": 0}
        self.ends = True
        self.replace(release_command, "run", self.run_docker)
        self.replace(release_command, "inspect", lambda name: {"State": self.state})
        self.replace(release_command, "LOCK", self.path("{app}.lock"))

    def run_docker(self, argv, **_options):
        self.calls.append(argv[1])
        if argv[1] == "start":
            self.state["Running"] = not self.ends
        if argv[1] == "stop":
            self.state["Running"] = False
        return ended("relation exists") if argv[1] == "logs" else ended()

    def spec(self, timeout=1):
        return {"app": "shop", "release": "shop-1", "container": "c", "pids": 10, "timeout": timeout, "marker": self.path("released", "shop-1")}

    def test_runs_once_and_again_when_the_release_comes_again(self):
        self.assertTrue(release_command.apply(self.spec())["ran"])
        self.assertFalse(release_command.apply(self.spec())["ran"])
        self.assertEqual(self.calls, ["update", "start"])
        release_command.remove(self.spec())
        self.assertTrue(release_command.apply(self.spec())["ran"])

    def test_says_what_it_said_when_it_fails_and_runs_the_next_time(self):
        self.state["ExitCode"] = 3
        words = self.refused(release_command.apply, self.spec())
        self.assertIn("failed with exit code 3, so nothing of it was started", words)
        self.assertIn("relation exists", words)
        self.state["ExitCode"] = 0
        self.assertTrue(release_command.apply(self.spec())["ran"])

    def test_is_stopped_when_it_takes_too_long(self):
        self.ends = False
        words = self.refused(release_command.apply, self.spec(timeout=0.3))
        self.assertIn("did not end within 0.3 s and was stopped", words)
        self.assertFalse(self.state["Running"])

    def test_waits_for_one_that_runs_already(self):
        self.state["Running"] = True
        threading.Timer(0.3, lambda: self.state.update(Running=False)).start()
        self.assertTrue(release_command.apply(self.spec(timeout=5))["ran"])
        self.assertNotIn("start", self.calls)

    def test_runs_beside_no_other_of_its_application(self):
        with open(self.path("shop.lock"), "w", encoding="utf8") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            words = self.refused(release_command.apply, self.spec(timeout=0.3))
        self.assertIn("another release command of shop", words)
        self.assertFalse(os.path.exists(self.spec()["marker"]))

    def test_has_all_its_time_after_it_has_waited_for_another(self):
        self.ends = False
        with open(self.path("shop.lock"), "w", encoding="utf8") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            threading.Timer(0.6, lambda: fcntl.flock(other, fcntl.LOCK_UN)).start()
            threading.Timer(1.2, lambda: self.state.update(Running=False)).start()
            self.assertTrue(release_command.apply(self.spec(timeout=1))["ran"])
