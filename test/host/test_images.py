"""Images of earlier releases: the last ones stay, and what is in use."""

import json
import os

from support import Case, ended

from fairlead import images

FOREIGN = "other/app@sha256:0"


class Images(Case):
    def setUp(self):
        super().setUp()
        self.here, self.used, self.said = {FOREIGN}, set(), []
        self.replace(images, "MANIFESTS", self.folder)
        self.replace(images, "run", self.docker)
        self.replace(images, "say", self.said.append)

    def docker(self, argv, **_):
        image = argv[-1]
        if argv[2] == "rm" and image not in self.used:
            self.here.discard(image)
        return ended(code=0 if image in self.here else 1)

    def deploy(self, *names, keep=2, app="web"):
        self.here.update(names)
        images.apply({"app": app, "images": list(names), "keep": keep})

    def remove(self, app):
        images.remove({"app": app, "images": [], "keep": 2})

    def are_here(self, names):
        self.assertEqual(self.here, {FOREIGN, *names})

    def test_are_the_declared_ones_and_the_last_of_before_and_nobody_elses(self):
        for name in "abcde":
            self.deploy(name)
        self.are_here("cde")
        self.assertEqual(self.said, ["web: 1 image of earlier releases removed"] * 2)

    def test_that_come_back_count_as_new(self):
        for name in "abcab":
            self.deploy(name)
        self.are_here("abc")
        self.deploy("d", "b")
        self.deploy("e")
        self.are_here("dbe")

    def test_in_use_stay_and_go_once_they_can(self):
        self.used = {"a"}
        for name in "abcd":
            self.deploy(name)
        self.assertIn("a", self.here)
        self.used = set()
        self.deploy("e")
        self.are_here("cde")

    def test_that_couldnt_go_and_serve_again_stay(self):
        self.used = {"a"}
        for name in "abcda":
            self.deploy(name)
        self.used = set()
        self.deploy("e")
        self.are_here("dae")

    def test_that_another_application_keeps_stay_until_it_doesnt(self):
        self.deploy("a", app="admin")
        for name in "abcd":
            self.deploy(name)
        self.are_here("abcd")
        for name in "efg":
            self.deploy(name, app="admin")
        self.are_here("bcdefg")

    def test_of_an_application_that_goes_go_with_the_next_release_of_another(self):
        self.deploy("a", "shared")
        self.deploy("shared", app="admin")
        self.used = {"a"}
        self.remove("web")
        self.are_here(["a", "shared"])
        self.deploy("b", app="admin")
        self.are_here(["a", "b", "shared"])
        self.used = set()
        self.deploy("c", app="admin")
        self.are_here(["b", "c", "shared"])

    def test_of_an_application_that_comes_back_are_its_own_again(self):
        self.deploy("a")
        self.remove("web")
        self.deploy("a")
        self.deploy("b")
        self.are_here("ab")

    def test_noted_by_the_first_version_count(self):
        os.makedirs(self.path("images"))
        with open(self.path("images", "web.list"), "w", encoding="ascii") as file:
            json.dump(["a", "b"], file)
        self.here.update("ab")
        self.deploy("c", keep=1)
        self.are_here("bc")

    def test_leave_no_note_where_there_is_nothing_to_note(self):
        self.deploy("a")
        self.assertEqual(os.listdir(self.path("images")), ["web.list"])
