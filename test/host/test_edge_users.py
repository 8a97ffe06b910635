import os
import stat
import subprocess
import unittest

from support import Case

from fairlead import edge_users


class Users(Case):
    def setUp(self):
        super().setUp()
        self.manifests()
        self.replace(edge_users, "ensure_directory", lambda entry: os.makedirs(entry["path"], exist_ok=True))
        self.arguments = []

        def openssl(argv, **options):
            self.arguments += argv
            return subprocess.run(argv, input=options["stdin"], capture_output=True, text=True, check=True)

        self.replace(edge_users, "run", openssl)

    def spec(self, **declared):
        return {"directory": self.path("users"), "group": 101, "files": declared}

    def found(self, spec):
        # Owner and mode are those of whoever runs the test, as a folder has them.
        seen = [(one["thing"], one["aspect"]) for one in edge_users.look(spec)]
        return [(thing, aspect) for thing, aspect in seen if aspect != "owner" and thing != spec["directory"]]

    def test_are_hashed_with_a_salt_of_their_own_and_stay_while_their_password_does(self):
        spec = self.spec(cms={"ann": "one two", "bob": "one two"})
        self.assertEqual(edge_users.apply(spec), {"files": ["cms"]})
        text = self.read(self.path("users", "cms"))
        ann, bob = (line.split(":", 1)[1] for line in text.splitlines())
        self.assertRegex(text, r"\Aann:\$6\$[./A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}\nbob:\$6\$\S+\n\Z")
        self.assertNotEqual(ann, bob)
        self.assertEqual(edge_users.apply(spec), {"files": []})
        self.assertEqual(self.read(self.path("users", "cms")), text)
        self.assertEqual(self.found(spec), [])

    def test_are_hashed_as_crypt_does_it(self):
        # Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", test vector.
        known = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
        self.assertTrue(edge_users.fits("Hello world!", known))
        self.assertFalse(edge_users.fits("Hello world?", known))
        self.assertFalse(edge_users.fits("Hello world!", "Hello world!"))

    def test_are_hashed_anew_with_another_password_and_leave_with_their_place(self):
        edge_users.apply(self.spec(cms={"ann": "one", "bob": "two"}, old={"eve": "x"}))
        before = self.read(self.path("users", "cms")).splitlines()
        rotated = self.spec(cms={"ann": "three", "bob": "two"})
        self.assertEqual(
            self.found(rotated),
            [(self.path("users", "cms") + " user ann", "password"), (self.path("users", "old"), "presence")],
        )
        self.assertEqual(edge_users.apply(rotated), {"files": ["cms"]})
        after = self.read(self.path("users", "cms")).splitlines()
        self.assertNotEqual(after[0], before[0])
        self.assertEqual(after[1], before[1])
        self.assertEqual(os.listdir(self.path("users")), ["cms"])
        edge_users.remove(rotated)
        self.assertFalse(os.path.exists(self.path("users")))

    def test_are_in_no_argument_and_open_to_few(self):
        spec = self.spec(cms={"ann": "s3cr3t"})
        edge_users.apply(spec)
        self.assertNotIn("s3cr3t", " ".join(self.arguments))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("users", "cms")).st_mode), 0o640)
        os.chmod(self.path("users", "cms"), 0o644)
        self.assertEqual(self.found(spec), [(self.path("users", "cms"), "mode")])

    def test_of_a_file_that_is_gone_or_strange_are_named(self):
        spec = self.spec(cms={"ann": "x"})
        edge_users.apply(spec)
        path = self.path("users", "cms")
        self.write(path, "eve:$6$a$b\n")
        self.assertIn((path, "users"), self.found(spec))
        os.remove(path)
        self.assertIn((path, "presence"), self.found(spec))


if __name__ == "__main__":
    unittest.main()
