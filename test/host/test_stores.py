import base64
import os
import unittest

from support import Case, Programs, ended

from fairlead import cache_password, database_login

# The example of RFC 7677, section 3: user "user", password "pencil".
STORED = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
EXAMPLE = f"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==${STORED}"


class DatabaseLogin(Case):
    def test_makes_verifiers_as_the_standard_has_them(self):
        self.assertEqual(database_login.verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")), EXAMPLE)

    def test_knows_a_password_again_and_no_other(self):
        fresh = database_login.verifier("p")
        known = [database_login.accepts(*pair) for pair in ((fresh, "p"), (fresh, "q"), (EXAMPLE, "pencil"))]
        self.assertEqual(known, [True, False, True])
        for found in ("", "md5a7a8", "SCRAM-SHA-256$4096", "SCRAM-SHA-256$x:AA==$", fresh.replace("256$", "1$")):
            self.assertFalse(database_login.accepts(found, "p"), found)


class CachePassword(Case):
    def spec(self):
        return {"directory": self.folder, "container": "maicivy_cache", "fingerprint": "f", "password": "p"}

    def test_names_the_restart_that_helps_when_the_administrators_password_was_lost(self):
        os.mkdir(self.path("conf"))
        refusal = ended("NOAUTH Authentication required.\n", "AUTH failed: WRONGPASS invalid username-password pair\n")
        self.replace(cache_password, "is_running", lambda container: True)
        self.replace(cache_password, "run", lambda argv, **_: refusal)
        self.replace(cache_password.time, "sleep", lambda seconds: self.fail("it waited"))
        words = self.refused(cache_password.apply, self.spec())
        self.assertRegex(words, r"(?s)administrator by another password.*`docker restart maicivy_cache`")

    def test_makes_no_password_of_the_administrator_when_it_looks(self):
        os.mkdir(self.path("passwords"))
        self.replace(cache_password, "run", Programs())
        found = [one["thing"] for one in cache_password.look(self.spec())]
        self.assertEqual(found, [self.path("passwords", "f"), self.path("admin")])
        self.assertEqual(os.listdir(self.folder), ["passwords"])


if __name__ == "__main__":
    unittest.main()
