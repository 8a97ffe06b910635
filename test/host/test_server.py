import os
import sys
import types
import unittest

from support import Case

from fairlead import look, server, tools
from fairlead.lib.errors import HostError


class Look(Case):
    """A look at the server."""

    def noun(self, look_at):
        """A noun that only this test has."""
        module = types.ModuleType("fairlead.invented")
        module.look = look_at
        self.replace(sys, "modules", {**sys.modules, "fairlead.invented": module})

    def look_at(self, secret=False, verb="invented apply", **spec):
        return server.look_at({"verb": verb, "input": spec, "secret": secret})

    def test_reads_the_folders_next_to_the_systems_own_that_only_begin_like_it(self):
        folder = os.stat("/usr")
        self.replace(look.os, "lstat", lambda path: folder)
        reached = [look.reachable(path, "/opt", "/opt/maicivy") for path in ("/opt/maicivy", "/opt/maicivy/db", "/opt/maicivy-old")]
        self.assertEqual(reached, [False, False, True])

    def test_shows_everything_else_where_docker_is_gone(self):
        self.replace(os, "environ", {**os.environ, "PATH": "/nowhere"})
        self.assertEqual(server.look({"items": []}), {"items": {}, "engine": {"unseen": "docker is not installed on the server"}, "jobs": []})

    def test_shows_what_it_saw_before_it_became_impossible(self):
        difference = {"thing": "a file", "aspect": "content", "declared": "a", "found": "b"}

        def half(_):
            yield difference
            raise HostError("sshd doesn't start")

        self.noun(half)
        self.assertEqual(self.look_at(), {"differences": [difference], "unseen": "sshd doesn't start"})

    def test_that_is_impossible_is_shown_with_the_others_without_a_word_of_a_secret(self):
        def broken(spec):
            yield from {}[spec["value"]]

        self.noun(broken)
        self.assertEqual(self.look_at(value="hunter2"), {"differences": [], "unseen": "KeyError: 'hunter2'"})
        hidden = self.look_at(secret=True, value="hunter2")
        self.assertEqual(hidden, {"differences": [], "unseen": "see the other differences"})

    def test_conceals_the_values_of_a_secret_but_not_that_it_is_missing(self):
        def differing(_):
            yield {"thing": "f", "aspect": "content", "declared": "hunter2", "found": "x"}
            yield {"thing": "g", "aspect": "presence", "declared": "file", "found": None}

        self.noun(differing)
        content, presence = self.look_at(secret=True)["differences"]
        self.assertEqual(content, {"thing": "f", "aspect": "content", "declared": None, "found": None, "concealed": True})
        self.assertEqual(presence["declared"], "file")

    def test_understands_what_a_version_before_declared(self):
        old = {"name": "base", "always": [["ln", "-sfn", "/zone", self.path("localtime")]]}
        found = self.look_at(verb="apply", **old)
        self.assertEqual([(one["aspect"], one["declared"]) for one in found["differences"]], [("target", "/zone")])
        for verb in ("confirm", "guard", "update-system", "firewall confirm", "owner apply", "updates apply"):
            self.assertEqual(self.look_at(verb=verb), {"differences": [], "unseen": None})


class Tools(Case):
    def test_are_compared_file_by_file_in_their_folders_too(self):
        self.replace(tools, "FOLDER", self.folder)
        self.write(self.path("swap.py"), "one")
        self.write(self.path("lib", "run.py"), "changed")
        self.write(self.path("lib", "mine.py"), "")
        found = tools.look({"swap.py": "one", "lib/run.py": "two", "lib/gone.py": "", "contract.json": "{}"})
        thing = [(os.path.relpath(one["thing"], self.folder), one["aspect"]) for one in found]
        missing = [("contract.json", "presence"), ("lib/gone.py", "presence"), ("lib/run.py", "content")]
        self.assertEqual(thing, [*missing, ("lib/mine.py", "presence")])


if __name__ == "__main__":
    unittest.main()
