import hashlib
import os
import unittest

from support import Case, Programs, ended

from fairlead import cache_password, cache_user, database_monitor, reload

DIGEST = hashlib.sha256(b"pw").hexdigest()


class Database(Case):
    SPEC = {"container": "shop_postgres", "database": "shop", "login": "metrics", "password": "s3cret"}

    def setUp(self):
        super().setUp()
        self.said, self.answers = [], {}
        self.replace(database_monitor, "sql", lambda _spec, text, database="postgres": self.said.append((database, text)) or next((answer for key, answer in self.answers.items() if key in text), ""))

    def test_gets_a_login_that_sees_figures_and_may_connect_to_one_database(self):
        database_monitor.apply(self.SPEC)
        text = "\n".join(text for _, text in self.said)
        self.assertIn('CREATE ROLE "metrics" LOGIN', text)
        self.assertIn('GRANT pg_monitor TO "metrics"', text)
        self.assertIn('GRANT CONNECT ON DATABASE "shop" TO "metrics"', text)
        self.assertIn("SCRAM-SHA-256$", text)
        self.assertNotIn("s3cret", text)

    def test_is_looked_at_for_its_password_and_its_right(self):
        from fairlead.database_login import verifier

        self.answers = {"rolcanlogin": f"t|{verifier('s3cret')}\n", "pg_has_role": "t\n"}
        self.assertEqual(list(database_monitor.look(self.SPEC)), [])
        self.answers = {"rolcanlogin": f"f|{verifier('other')}\n", "pg_has_role": "f\n"}
        self.assertEqual([one["aspect"] for one in database_monitor.look(self.SPEC)], ["kind", "password", "member"])
        self.answers = {}
        self.assertEqual([one["aspect"] for one in database_monitor.look(self.SPEC)], ["presence"])

    def test_loses_it_again(self):
        database_monitor.remove(self.SPEC)
        self.assertEqual(len(self.said), 1)
        self.answers = {"SELECT 1": "1"}
        database_monitor.remove(self.SPEC)
        self.assertIn('DROP ROLE "metrics"', self.said[-1][1])


class Cache(Case):
    def spec(self):
        return {
            "directory": self.folder, "container": "c", "fingerprint": "f", "password": "pw", "user": "metrics", "prefix": "", "policy": "noeviction",
        }

    def setUp(self):
        super().setUp()
        os.makedirs(self.path("passwords"))
        os.makedirs(self.path("conf"))
        self.replace(cache_password, "is_running", lambda _name: False)

    def test_gets_a_user_that_sees_no_keys(self):
        cache_user.apply(self.spec())
        line = next(line for line in self.read(self.path("conf", "users.acl")).splitlines() if line.startswith("user metrics "))
        self.assertTrue(line.startswith(f"user metrics on #{DIGEST} -@all +ping +info "), line)
        for word in ("~", "&", "+@", "+get", "+scan", "+config", "+acl"):
            self.assertNotIn(word, line)

    def test_shows_no_difference_where_the_user_is_there(self):
        spec = self.spec()
        cache_user.apply(spec)
        acl = self.read(self.path("conf", "users.acl"))
        self.replace(cache_user, "run", lambda argv, **_options: ended(acl if argv[-2:] == ["ACL", "LIST"] else "maxmemory-policy\nnoeviction\n"))
        self.assertEqual(list(cache_user.look(spec)), [])
        self.replace(cache_user, "run", lambda argv, **_options: ended("" if argv[-2:] == ["ACL", "LIST"] else "maxmemory-policy\nnoeviction\n"))
        self.assertEqual([one["aspect"] for one in cache_user.look(spec)], ["presence"])


class Reload(Case):
    def test_is_a_signal_to_what_runs(self):
        programs = self.replace(reload, "run", Programs())
        self.replace(reload, "is_running", lambda name: name == "up")
        for name in ("up", "down"):
            reload.apply({"container": name, "signal": "SIGHUP"})
        self.assertEqual(programs.lines, ["docker kill --signal SIGHUP up"])


if __name__ == "__main__":
    unittest.main()
