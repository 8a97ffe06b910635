import signal
import subprocess
import threading
import time

from support import Case, ended

from fairlead import live as service
from fairlead.lib import live

CHECK = {"port": 80, "path": "/live", "interval": 1, "timeout": 1, "retries": 3}


class Lives(Case):
    """One container that answers as a test says."""

    def setUp(self):
        super().setUp()
        self.manifests(live)
        self.answer, self.now, self.ended = (False, "no"), 1000.0, []
        self.state = {"Running": True, "StartedAt": "2020-01-01T00:00:00.0Z", "Pid": 7}
        self.replace(live, "ask", lambda *_: self.answer)
        self.replace(live, "end", lambda name, found: self.ended.append(self.now))
        self.replace(live, "say", lambda text: None)
        self.replace(live.time, "monotonic", lambda: self.now)
        self.watch = live.Watch("api-1", CHECK, threading.Event())

    def look(self, times=1, step=1.0):
        for _ in range(times):
            self.now += step
            self.watch.look({"State": self.state})

    def test_is_ended_after_so_many_failures_in_a_row_and_no_sooner(self):
        self.look(2)
        self.answer = (True, "")
        self.look()
        self.answer = (False, "no")
        self.look(2)
        self.assertEqual(self.ended, [])
        self.look()
        self.assertEqual(len(self.ended), 1)

    def test_waits_longer_after_each_restart_and_not_for_ever(self):
        self.look(3000)
        pauses = [b - a for a, b in zip(self.ended, self.ended[1:])]
        self.assertEqual(pauses[:4], [10, 20, 40, 80])
        self.assertEqual(pauses[-1], 600)

    def test_begins_anew_once_it_has_answered_for_long(self):
        self.look(40)
        self.answer = (True, "")
        self.look(700)
        self.answer = (False, "no")
        self.ended.clear()
        self.look(60)
        self.assertEqual(self.ended[1] - self.ended[0], 20)

    def test_failures_of_its_start_do_not_count(self):
        self.replace(live, "age", lambda started: 29)
        self.watch = live.Watch("api-1", {**CHECK, "startPeriod": 30}, threading.Event())
        self.look(9)
        self.assertEqual(self.ended, [])
        self.watch = live.Watch("api-1", {**CHECK, "startPeriod": 20}, threading.Event())
        self.look(9)
        self.assertNotEqual(self.ended, [])

    def test_one_that_does_not_run_is_nobodys_business(self):
        for state in ({"Running": False}, {"Restarting": True}, {"Paused": True}):
            self.state.update({"Running": True, "Restarting": False, "Paused": False, **state})
            self.look(9)
        self.assertEqual(self.ended, [])

    def test_restarts_are_counted_as_long_as_the_container_is_there(self):
        self.look(20)
        self.assertEqual(live.notes()["api-1"]["restarts"], len(self.ended))
        self.assertEqual(live.notes()["api-1"]["why"], "no")
        live.forget_others({"api-1"})
        self.assertIn("api-1", live.notes())
        live.forget_others({"api-2"})
        self.assertEqual(live.notes(), {})


class Ends(Case):
    """A real program in place of a container's, which the engine no longer knows once it has ended."""

    def begin(self, program, stop):
        child = subprocess.Popen(["python3", "-c", program], stdout=subprocess.PIPE)
        child.stdout.read(1)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        pid = child.pid

        def inspect(_name):
            return {"State": {"Pid": pid if child.poll() is None else 0}}

        self.replace(live, "inspect", inspect)
        live.end("api-1", {"State": {"Pid": pid}, "Config": {"StopSignal": "SIGQUIT", "StopTimeout": stop}})
        return child.wait(5)

    def test_by_the_signal_that_the_image_wants(self):
        self.assertEqual(self.begin("import signal; print(1, flush=True); signal.pause()", 5), -signal.SIGQUIT)

    def test_by_force_when_it_takes_too_long(self):
        deaf = "import signal; signal.signal(signal.SIGQUIT, signal.SIG_IGN); print(1, flush=True); signal.pause(); signal.pause()"
        began = time.monotonic()
        self.assertEqual(self.begin(deaf, 1), -signal.SIGKILL)
        self.assertGreater(time.monotonic() - began, 0.9)

    def test_nothing_of_the_server_itself_when_it_has_stopped(self):
        self.replace(live.os, "kill", lambda *_: self.fail("a signal was sent"))
        live.send(0, signal.SIGTERM)

    def test_names_of_signals_are_those_of_images(self):
        self.assertEqual([live.number(text) for text in ("SIGQUIT", "quit", "3", "SIGNONE")], [3, 3, 3, 15])


class Service(Case):
    """What is asked of which containers."""

    def listed(self, code, *lines):
        self.replace(service, "run", lambda *_, **__: ended("\n".join(lines), code=code))
        return service.containers()

    def test_are_those_with_the_label(self):
        self.assertEqual(self.listed(0, 'api-1 {"port": 80}', 'web-1 {"port": 81}'), {"api-1": {"port": 80}, "web-1": {"port": 81}})
        self.assertEqual(self.listed(0), {})

    def test_are_unknown_while_the_engine_does_not_answer(self):
        self.assertIsNone(self.listed(1))
