import os
import unittest

from support import Case, ended

from fairlead import cache_password, cache_user


class Users(Case):
    def test_patterns_of_celery_are_listed_with_each_prefix(self):
        text = cache_password.render(["a"], "b", {"app-shop": (["shop:", "old:"], ["c"], False)})
        line = next(one for one in text.splitlines() if one.startswith("user app-shop "))
        channels = [word for word in line.split() if word.startswith("&")]
        every = ["*", "/0.celery.pidbox", "/0.celeryev/worker.*", "/0.celeryev/*"]
        self.assertEqual(channels, [f"&{prefix}{one}" for prefix in ("shop:", "old:") for one in every])

    def redis(self, argv, **_):
        """A Redis that was told what the ACL file has."""
        if "LIST" in argv:
            return ended(self.read(self.path("conf", "users.acl")))
        return ended({"PING": "PONG", "GET": "maxmemory-policy\nnoeviction"}.get(argv[-1 if argv[-1] == "PING" else -2], ""))

    def test_that_earlier_tools_gave_other_rules_are_different_until_they_are_written_anew(self):
        for module in (cache_password, cache_user):
            self.replace(module, "run", self.redis)
        self.replace(cache_password, "is_running", lambda container: True)
        own = {"directory": self.folder, "container": "r", "fingerprint": "f", "password": "p"}
        shop = {**own, "user": "app-shop", "prefix": "shop:", "policy": "noeviction"}
        seen = lambda: [(one["thing"], one["aspect"]) for one in (*cache_password.look(own), *cache_user.look(shop))]
        os.mkdir(self.path("conf"))
        cache_password.apply(own)
        cache_user.apply(shop)
        self.assertEqual(seen(), [])
        acl = self.path("conf", "users.acl")
        os.chmod(acl, 0o644)
        now = self.read(acl)
        self.write(acl, now.replace("&shop:/0.celery.pidbox ", ""))
        self.assertEqual(seen(), [("cache user app-shop", "rules")])
        self.write(acl, now.replace("+flushdb", ""))
        self.assertEqual(seen(), [("cache user default", "rules")])
        cache_password.apply(own)
        self.assertEqual(seen(), [])
        self.assertEqual(self.read(acl), now)


if __name__ == "__main__":
    unittest.main()
