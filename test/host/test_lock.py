import json
import os
import re
import subprocess
import sys
import time
import unittest

from support import TOOLS, Case

MARKER = {"project": "fairlead", "stack": "prod", "name": "shop", "id": "one", "holds": {}}
PROGRAM = """
import sys
sys.path.insert(0, {tools!r})
from fairlead import __main__, lock, owner
from fairlead.lib import patience
patience.MARK = {lock!r} + ".interrupted"
owner.MARKER, lock.LOCK = {marker!r}, {lock!r}
lock.PATIENCE, lock.SILENCE = {patience}, {silence}
sys.argv = ["fairlead", *{words!r}]
sys.exit(__main__.main())
"""


class Lock(Case):
    """The server's lock, by the real verb: a process for each run, as its SSH session would have it."""

    def setUp(self):
        super().setUp()
        self.write(self.path("owner.json"), json.dumps(MARKER))

    def run_of(self, token, owner="one", silence=60, words=("lock", "hold"), patience=0.3):
        """Starts a run: (what it was answered, its process)."""
        program = PROGRAM.format(
            tools=TOOLS,
            marker=self.path("owner.json"),
            lock=self.path("lock"),
            silence=silence,
            patience=patience,
            words=list(words),
        )
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        child = subprocess.Popen([sys.executable, "-B", "-c", program], text=True, **pipes)
        self.addCleanup(self.end, child)
        child.stdin.write(json.dumps({"ownerId": owner, "token": token, "who": "ann@laptop", "what": "npm run up"}) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
        return json.loads(line) if line else {"state": "none"}, child

    def end(self, child):
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass

    def interrupted(self, token, owner="one"):
        """What an interrupt of a run is answered, and whether its waits were ended."""
        program = PROGRAM.format(
            tools=TOOLS, marker=self.path("owner.json"), lock=self.path("lock"), silence=60, patience=0.3, words=["lock", "interrupt"]
        )
        spec = json.dumps({"ownerId": owner, "token": token})
        ran = subprocess.run([sys.executable, "-B", "-c", program], input=spec, capture_output=True, text=True, check=False)
        return ran.stdout.strip() or ran.stderr.strip(), os.path.exists(self.path("lock.interrupted"))

    def let_go(self, child):
        child.stdin.close()
        child.wait(10)

    def state_of(self, token, **options):
        return self.run_of(token, **options)[0]["state"]

    def test_has_one_run_at_a_time_of_which_the_next_one_hears(self):
        answer, first = self.run_of("a")
        self.assertEqual(answer["state"], "held")
        busy, _ = self.run_of("b", words=["hold"])
        self.assertEqual(busy["state"], "busy")
        self.assertEqual(f"{busy['by']['what']} by {busy['by']['who']}", "npm run up by ann@laptop")
        self.assertTrue(re.match(r"^\d{4}-.*Z$", busy["by"]["since"]))
        self.let_go(first)
        self.assertEqual(self.state_of("b"), "held")

    def test_is_shared_by_what_one_run_starts_which_keeps_it_when_the_run_is_killed(self):
        _, first = self.run_of("a")
        shared, second = self.run_of("a")
        self.assertEqual(shared["state"], "shared")
        self.assertEqual(self.state_of("b"), "busy")
        self.end(first)
        self.assertEqual(self.state_of("b"), "busy", "its engine goes on")
        self.let_go(second)
        self.assertEqual(self.state_of("b"), "held")

    def test_is_shared_at_once(self):
        self.run_of("a")
        began = time.monotonic()
        self.assertEqual(self.state_of("a", patience=30), "shared")
        self.assertLess(time.monotonic() - began, 10)

    def test_is_free_when_the_run_is_killed_and_when_its_connection_says_nothing_any_more(self):
        _, killed = self.run_of("a")
        self.end(killed)
        held, silent = self.run_of("b", silence=0.5)
        self.assertEqual(held["state"], "held")
        silent.wait(10)
        self.assertEqual(self.state_of("c"), "held")

    def test_ends_the_waits_of_the_run_that_has_it_and_of_no_other(self):
        self.assertEqual(self.interrupted("a"), ('{"interrupted": false}', False))
        _, first = self.run_of("a")
        self.assertEqual(self.interrupted("b"), ('{"interrupted": false}', False))
        words, ended = self.interrupted("a", owner="two")
        self.assertRegex(words, "belongs to the stack prod")
        self.assertFalse(ended)
        self.assertEqual(self.interrupted("a"), ('{"interrupted": true}', True))
        self.assertIsNone(first.poll(), "it keeps its lock")
        os.remove(self.path("lock.interrupted"))
        self.let_go(first)
        self.assertEqual(self.interrupted("a"), ('{"interrupted": false}', False))

    def test_is_not_for_a_stack_that_does_not_own_the_server(self):
        # The word of before: the lock is taken before the tools are renewed.
        answer, refused = self.run_of("a", owner="two", words=["hold"])
        self.assertEqual(answer["state"], "none")
        self.assertRegex(refused.stderr.read(), r"fairlead hold: this server belongs to the stack prod of fairlead")
        self.assertEqual(self.state_of("b"), "held")


if __name__ == "__main__":
    unittest.main()
