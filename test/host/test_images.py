"""Images of earlier releases: the last ones stay, and what is in use."""

from support import Case, ended

from fairlead import images


class Images(Case):
    def setUp(self):
        super().setUp()
        self.here, self.used, self.said = {"other/app@sha256:0"}, set(), []
        self.replace(images, "MANIFESTS", self.folder)
        self.replace(images, "run", self.docker)
        self.replace(images, "say", self.said.append)

    def docker(self, argv, **_):
        image = argv[-1]
        if argv[2] == "rm" and image not in self.used:
            self.here.discard(image)
        return ended(code=0 if image in self.here else 1)

    def deploy(self, *names, keep=2):
        self.here.update(names)
        images.apply({"app": "web", "images": list(names), "keep": keep})

    def test_are_the_declared_ones_and_the_last_of_before_and_nobody_elses(self):
        for name in "abcde":
            self.deploy(name)
        self.assertEqual(self.here, {"c", "d", "e", "other/app@sha256:0"})
        self.assertEqual(self.said, ["web: 1 image of earlier releases removed"] * 2)

    def test_that_come_back_count_as_new(self):
        for name in "abcab":
            self.deploy(name)
        self.assertEqual(self.here - {"other/app@sha256:0"}, {"a", "b", "c"})
        self.deploy("d", "b")
        self.deploy("e")
        self.assertEqual(self.here - {"other/app@sha256:0"}, {"d", "b", "e"})

    def test_in_use_stay_and_go_once_they_can(self):
        self.used = {"a"}
        for name in "abcd":
            self.deploy(name)
        self.assertIn("a", self.here)
        self.used = set()
        self.deploy("e")
        self.assertEqual(self.here - {"other/app@sha256:0"}, {"c", "d", "e"})

    def test_of_an_application_that_goes_are_not_remembered(self):
        self.deploy("a")
        images.remove({"app": "web", "images": ["a"], "keep": 2})
        self.deploy("b", keep=0)
        self.assertIn("a", self.here)
