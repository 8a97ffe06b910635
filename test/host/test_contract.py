import importlib
import inspect
import io
import json
import os
import sys
import unittest
from contextlib import redirect_stderr, redirect_stdout

from support import TOOLS, Case

from fairlead import __main__, legacy
from fairlead.lib import contract

# They leave nothing behind that could drift.
# What a release's command did is its application's own, and an update pulls what images it needs.
NOTHING_LEFT = {"images", "owner", "release-command", "rollback", "updates"}


class Nouns(Case):
    """Each noun of the contract is a module with its verbs, no more and no less."""

    def test_have_the_verbs_that_the_contract_says(self):
        nouns = {name: entry for name, entry in contract.load().items() if "verbs" in entry}
        self.assertGreater(len(nouns), 20)
        for noun, entry in nouns.items():
            module = importlib.import_module("fairlead." + noun.replace("-", "_"))
            for verb in entry["verbs"]:
                self.assertTrue(callable(getattr(module, verb, None)), f"{noun} {verb}")
            has = {verb for verb in ("apply", "remove", "look", "confirm") if hasattr(module, verb)}
            self.assertEqual(has, has & set(entry["verbs"]), noun)
            if "apply" in entry["verbs"] and noun not in NOTHING_LEFT:
                self.assertIn("look", entry["verbs"], f"{noun} needs a look, or a place in NOTHING_LEFT (docs/drift.md)")

    def test_are_all_modules_but_those_that_are_called_otherwise(self):
        modules = {name[:-3] for name in os.listdir(os.path.join(TOOLS, "fairlead")) if name.endswith(".py") and name[0] != "_"}
        nouns = {name.replace("-", "_") for name, entry in contract.load().items() if "verbs" in entry}
        self.assertEqual(modules - nouns, {"legacy", "look", "tools"})

    def test_of_versions_before_are_nouns_and_verbs_of_today(self):
        known = contract.load()
        for word, (noun, verb) in legacy.WORDS.items():
            if (noun, verb) in (("look", "look"), ("rollback", "confirm")):
                continue
            self.assertIn(verb, known[noun]["verbs"], word)

    def test_are_checked_by_keywords_that_the_checker_knows(self):
        def keywords(schema):
            yield from schema
            for part in [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]:
                yield from keywords(part)
            for key in ("items", "additionalProperties", "propertyNames"):
                if isinstance(schema.get(key), dict):
                    yield from keywords(schema[key])

        found = {keyword for entry in contract.load().values() for keyword in keywords(entry["input"])}
        self.assertEqual(found - contract.KEYWORDS, set())


class Check(Case):
    FILES = {"name": "x", "files": [{"path": "/a", "mode": "0644", "content": "s3cr3t"}]}

    def words(self, spec, noun="files"):
        return contract.mismatch(contract.load()[noun]["input"], spec, "input")

    def test_lets_pass_what_fits(self):
        self.assertIsNone(self.words(self.FILES))
        claim = {"when": "create", "project": "p", "stack": "s", "name": "n", "id": "i", "holds": {"name": "n", "cache": False}}
        for database in (None, {"name": "d", "owner": "o", "major": "17"}):
            self.assertIsNone(self.words({**claim, "holds": {**claim["holds"], "database": database}}, "owner claim"))

    def test_names_the_path_what_was_found_and_what_is_expected(self):
        file = self.FILES["files"][0]
        swap = {"bytes": 1, "file": "/swap"}
        cases = [
            ({"files": []}, "files", "input.name: expected string, found nothing"),
            ({**self.FILES, "filez": []}, "files", r"input\.filez: expected nothing of that name \(.*files.*\), found a list"),
            ({"name": "x", "files": [{**file, "mode": "644"}]}, "files", r"input\.files\[0\]\.mode: expected a text like \^0"),
            ({"name": "x", "files": [file, {"path": 1}]}, "files", r"input\.files\[1\]\.mode: expected string, found nothing"),
            ({"name": 7}, "files", "input.name: expected string, found a number"),
            ({"name": "x", "check": [["a", None]]}, "files", r"input\.check\[0\]\[1\]: expected string, found null"),
            ({**swap, "bytes": 1.5}, "swap", "input.bytes: expected integer, found a number"),
            ({**swap, "bytes": True}, "swap", "input.bytes: expected integer, found a boolean"),
            ({"file": "f", "content": "c", "within": 0}, "sshd", "input.within: expected a number from 0 to"),
            ({"when": "later"}, "owner claim", "input.project: expected string, found nothing"),
        ]
        for spec, noun, expected in cases:
            self.assertRegex(self.words(spec, noun) or "nothing", expected)

    def test_says_no_value_which_may_be_a_secret(self):
        for spec in ({**self.FILES, "name": ["hunter2"]}, {"name": "x", "links": "hunter2"}, {**self.FILES, "hunter": "hunter2"}):
            self.assertNotIn("hunter2", self.words(spec))


class Calls(Case):
    """`fairlead NOUN VERB`, as it is typed."""

    def ran(self, words, text="{}"):
        self.replace(sys, "argv", ["fairlead", *words])
        self.replace(sys, "stdin", io.StringIO(text))
        self.replace(__main__.owner, "MARKER", self.path("owner.json"))
        out, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(errors):
            code = __main__.main()
        return code, out.getvalue(), errors.getvalue()

    def test_are_refused_with_the_list_of_all_when_they_are_none(self):
        for words in ([], ["no-such"], ["files"], ["files", "shout"], ["lock", "apply"], ["certificate renew", "apply"], ["tools"]):
            code, _, errors = self.ran(words)
            self.assertEqual(code, 2, words)
            self.assertRegex(errors, r"^usage: fairlead .*files apply \| files remove \| files look")

    def test_are_checked_at_the_door(self):
        code, _, errors = self.ran(["swap", "apply"], json.dumps({"bytes": 1, "fil": "/swap"}))
        self.assertEqual(code, 1)
        self.assertRegex(errors, r"^fairlead swap apply: input\.file: expected string, found nothing\. .*npm run up")

    def test_look_and_print_what_differs(self):
        code, out, _ = self.ran(["files", "look"], json.dumps({"name": "x", "links": [{"path": self.path("a"), "target": "b"}]}))
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(out), [{"thing": self.path("a"), "aspect": "target", "declared": "b", "found": None}])

    def test_of_a_version_before_are_understood(self):
        self.write(self.path("old"), "text")
        code, _, errors = self.ran(["remove"], json.dumps({"name": "gone", "files": [{"path": self.path("old")}], "always": [["true"]]}))
        self.assertEqual((code, errors), (0, ""))
        self.assertFalse(os.path.exists(self.path("old")))

    def test_to_remove_are_refused_without_the_owners_name(self):
        self.write(self.path("owner.json"), json.dumps({"project": "p", "stack": "prod", "name": "n", "id": "one", "holds": {}}))
        for words in (["remove"], ["files", "remove"], ["unswitch"], ["traffic", "remove"], ["owner", "remove"]):
            code, _, errors = self.ran(words)
            self.assertEqual(code, 1, words)
            self.assertIn("belongs to the stack prod", errors)


class Before(Case):
    """Inputs of versions before the nouns."""

    def test_have_links_and_units_in_place_of_commands(self):
        file = {"path": "/etc/docker/daemon.json", "mode": "0644", "content": "{}"}
        old = {
            "name": "engine", "files": [file], "changed": [["systemctl", "restart", "docker"]],
            "always": [["systemctl", "enable", "--quiet", "--now", "docker"], ["ln", "-sfn", "/zone", "/etc/localtime"]],
            "removed": [["systemctl", "disable", "--now", "certbot.timer"]],
        }
        noun, verb, spec = legacy.understood(["apply"], old)
        self.assertEqual((noun, verb), ("files", "apply"))
        self.assertEqual(spec["links"], [{"path": "/etc/localtime", "target": "/zone"}])
        docker = {"name": "docker", "enabled": True, "running": True, "restartOn": [file["path"]]}
        self.assertEqual(spec["units"], [docker, {"name": "certbot.timer", "owned": True}])
        self.assertIsNone(contract.mismatch(contract.load()["files"]["input"], spec, "input"))

    def test_of_hardening_and_traffic_are_looked_at(self):
        old = {
            "name": "h", "packages": [], "files": [{"path": "/etc/fail2ban/jail.local", "mode": "0644", "content": "x"}],
            "sysctl": {"path": "/s", "content": ""}, "login": {}, "services": ["fail2ban.service"], "ours": ["fail2ban.service"],
            "restart": {"/etc/fail2ban/jail.local": ["fail2ban.service"], "/j": ["systemd-journald.service"]}, "clock": True, "gateway": False,
        }
        _, _, spec = legacy.understood(["harden"], old)
        names = [(unit["name"], unit["enabled"], unit["owned"]) for unit in spec["units"]]
        self.assertEqual(names, [("fail2ban.service", True, True), ("systemd-journald.service", False, False)])
        self.assertIsNone(contract.mismatch(contract.load()["hardening"]["input"], spec, "input"))
        containers = [{"name": "api-1-1", "host": "api-1-1"}]
        switch = {"app": "api", "head": "frontend api", "options": "", "slots": 32, "port": 80, "checked": "/", "pids": 9,
                  "releases": [{"name": "api-1", "weight": 100, "containers": containers}]}
        noun, _, spec = legacy.understood(["switch"], switch)
        self.assertEqual((noun, spec["releases"][0]["containers"], spec["health"]), ("traffic", ["api-1-1"], "/"))

    def test_have_a_function_that_takes_one_input(self):
        for word, (noun, verb) in legacy.WORDS.items():
            module = importlib.import_module("fairlead." + noun.replace("-", "_"))
            if (noun, verb) != ("rollback", "confirm"):
                self.assertTrue(inspect.signature(getattr(module, verb)).parameters, word)


if __name__ == "__main__":
    unittest.main()
