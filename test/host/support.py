"""What the tests of the host tools share: the tools on the path, programs that answer as a test says, a folder of its own."""

import os
import shutil
import sys
import tempfile
import unittest
from types import SimpleNamespace
from unittest import mock

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "host")
sys.path.insert(0, TOOLS)
sys.dont_write_bytecode = True


def ended(stdout="", stderr="", code=0):
    """A program that has ended."""
    return SimpleNamespace(stdout=stdout, stderr=stderr, returncode=code)


class Programs:
    """Stands in for `run`: answers by the words of a command, and keeps what was called."""

    def __init__(self, answers=None):
        self.calls, self.answers = [], dict(answers or {})

    def __call__(self, argv, **_options):
        self.calls.append(argv)
        return ended(self.answers.get(" ".join(argv), ""))

    @property
    def lines(self):
        return [" ".join(argv) for argv in self.calls]


class Case(unittest.TestCase):
    """A test with a folder of its own, whose replacements end with it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fairlead-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def replace(self, target, name, value):
        patch = mock.patch.object(target, name, value)
        patch.start()
        self.addCleanup(patch.stop)
        return value

    def manifests(self, *modules):
        """Notes of the tools go into the test's own folder, and files belong to who runs the test."""
        from fairlead.lib import files, units

        for module in {files, units, *modules}:
            self.replace(module, "MANIFESTS", self.path("state"))
        self.replace(files, "own", lambda path, entry: os.chmod(path, int(entry["mode"], 8)))
        self.replace(files, "check_space", lambda paths: None)

    def refused(self, act, *args):
        """The words with which the tools refuse."""
        from fairlead.lib.errors import HostError

        with self.assertRaises(HostError) as caught:
            act(*args)
        return str(caught.exception)

    def write(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()
