import unittest

from support import Case

from fairlead import cache_password


class Users(Case):
    def test_patterns_of_celery_are_listed_with_each_prefix(self):
        text = cache_password.render(["a"], "b", {"app-shop": (["shop:", "old:"], ["c"], False)})
        line = next(one for one in text.splitlines() if one.startswith("user app-shop "))
        channels = [word for word in line.split() if word.startswith("&")]
        every = ["*", "/0.celery.pidbox", "/0.celeryev/worker.*", "/0.celeryev/*"]
        self.assertEqual(channels, [f"&{prefix}{one}" for prefix in ("shop:", "old:") for one in every])


if __name__ == "__main__":
    unittest.main()
