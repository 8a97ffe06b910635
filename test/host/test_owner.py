import json
import os
import unittest

from support import Case, ended

from fairlead import owner
from fairlead.lib import holds
from fairlead.lib.errors import HostError

HOLDS = {"name": "shop", "database": {"name": "shop", "owner": "shop"}, "cache": True}
SHOP = {"project": "fairlead", "stack": "prod", "name": "shop", "id": "one", "holds": HOLDS}
OTHER = {**SHOP, "stack": "other", "name": "other", "id": "two", "holds": {**HOLDS, "name": "other"}}
POSTGRES = {
    "Config": {
        "Labels": {"app": "shop", "service": "postgres", "managed-by": "fairlead"},
        "Env": ["PGDATA=/data", "POSTGRES_DB=shop"],
        "Healthcheck": {"Test": ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "shop", "-d", "shop"]},
    },
}
# What Docker says on a server of a version without markers.
BEFORE = {"ps --all": "c1", "inspect c1": json.dumps([POSTGRES]), "volume ls": "postgres_data redis_data"}


class Owner(Case):
    """The owner of a server: one server after another, and who wants to own it."""

    def setUp(self):
        super().setUp()
        self.docker = {}
        self.replace(owner, "MANIFESTS", self.folder)
        self.replace(owner, "MARKER", self.path("owner.json"))
        self.replace(owner, "LOCK", self.path("lock"))
        self.replace(holds, "run", lambda argv, **_: ended(self.docker.get(" ".join(argv[1:3]), "")))

    def attempt(self, act, *args):
        """What came of it: the value, or the words of the refusal."""
        try:
            return act(*args)
        except HostError as error:
            return str(error)

    def claim(self, when, wanted):
        return self.attempt(owner.claim, {"when": when, **wanted})

    def may(self, call, identity=None):
        return self.attempt(owner.allowed, *call.split(), {"ownerId": identity} if identity else {})

    def before(self):
        """A server that a version without markers has made."""
        self.write(self.path("database.json"), "[]")
        self.docker = dict(BEFORE)

    def test_is_who_came_first_another_is_refused_and_told_how_to_take_over_and_the_first_one_goes_on(self):
        first, second, again = self.claim("create", SHOP), self.claim("create", OTHER), self.claim("create", SHOP)
        self.assertEqual((first, again), (None, None))
        self.assertRegex(second, r"belongs to the stack prod of fairlead \(system shop, one\)\. Nothing was changed\.")
        self.assertRegex(second, r"fairlead disown one$")

    def test_is_another_one_with_a_second_state_of_the_same_stack(self):
        self.claim("create", SHOP)
        self.assertRegex(self.claim("create", {**SHOP, "id": "rebuilt"}), "belongs to the stack prod")

    def test_alone_changes_it_verb_by_verb_a_call_without_a_name_removes_nothing(self):
        self.claim("create", SHOP)
        for call, identity in (("files apply", "one"), ("files remove", "one"), ("certificate renew", None), ("sshd remove", None)):
            self.assertIsNone(self.may(call, identity), call)
        removals = [(f"{noun} remove", None) for noun in ("files", "traffic", "database-login", "cache-password", "hardening")]
        removals += [(f"{noun} remove", None) for noun in ("account", "firewall", "owner", "switch")]
        for call, identity in [("files apply", "two"), ("traffic apply", "two"), *removals]:
            self.assertRegex(self.may(call, identity), "belongs to the stack prod", call)
        for spec in ({"id": "two"}, {}):
            self.assertRegex(self.attempt(owner.leave, spec), "belongs to the stack prod")
        self.assertIsNone(self.attempt(owner.leave, {"id": "one"}))

    def test_gives_it_away_deliberately_by_its_identity_and_then_is_refused_itself(self):
        self.claim("create", SHOP)
        self.assertRegex(self.attempt(owner.disown, "two"), "identity is one, not two: nothing was changed")
        self.assertRegex(self.attempt(owner.disown, "one"), r"(?s)no longer owns this server.*docker rm -f .*label=app=shop")
        self.assertRegex(self.may("files apply", "one"), "given away")
        self.assertRegex(self.attempt(owner.disown, "one"), "no stack owns this server")
        self.assertIsNone(self.claim("create", OTHER))
        for refused in (self.may("files apply", "one"), self.claim("update", SHOP)):
            self.assertRegex(refused, "belongs to the stack other")

    def test_is_adopted_on_a_server_of_before_by_its_own_stacks_update_and_by_no_others_first(self):
        self.before()
        self.assertRegex(self.claim("create", OTHER), "already belongs to a stack, from a version that left no name")
        self.assertIsNone(self.claim("update", SHOP))
        self.assertIsNone(self.may("files remove"), "what that version made is removed without a name")
        self.assertRegex(self.claim("create", OTHER), "belongs to the stack prod")

    def test_is_not_adopted_where_data_would_be_left_behind_what_containers_of_before_say_is_compared(self):
        self.before()
        renamed = {**SHOP, "holds": {**HOLDS, "database": {"name": "other", "owner": "shop"}}}
        self.assertRegex(self.claim("update", renamed), "^database.name: shop → other would leave data behind")
        self.assertIsNone(self.claim("update", SHOP))

    def test_is_not_a_stack_that_was_deployed_elsewhere_a_box_that_is_built_anew_has_its_engines_volumes(self):
        moved = self.claim("update", SHOP)
        self.assertRegex(moved, "prod was deployed before, and this server has nothing of it")
        self.assertRegex(moved, r"(?s)put the old one back.*--forget")
        for volume in ("shop_postgres_data", "redis_data"):
            self.docker = {"volume ls": volume}
            self.assertIsNone(self.claim("update", SHOP))
        os.remove(self.path("owner.json"))
        self.docker = {}
        empty = {**SHOP, "holds": {"name": "shop", "database": None, "cache": False}}
        self.assertIsNone(self.claim("update", empty), "nothing to leave behind")

    def test_keeps_what_data_depends_on_until_a_person_lets_it_go_once(self):
        changes = {
            "name": ("name: shop → shop2", {"name": "shop2"}),
            "database.name": ("database.name: shop → x", {"database": {**HOLDS["database"], "name": "x"}}),
            "database.owner": ("database.owner: shop → x", {"database": {**HOLDS["database"], "owner": "x"}}),
            "database": ("database.enabled: true → false", {"database": None}),
            "cache": ("cache.enabled: true → false", {"cache": False}),
        }
        for key, (words, change) in changes.items():
            with self.subTest(key):
                changed = {**SHOP, "holds": {**HOLDS, **change}}
                self.assertIsNone(self.claim("create", SHOP))
                refused = self.claim("create", changed)
                self.assertTrue(refused.startswith(f"{words} would leave data behind"), refused)
                self.assertTrue(refused.endswith(f"fairlead forget {key}"), refused)
                self.assertIn(f"may change {key}", owner.forget(key))
                self.assertIsNone(self.claim("create", changed))
                self.later(owner.WAY_BACK)
                back = self.claim("create", SHOP)
                if key in ("database", "cache"):
                    self.assertIsNone(back, "on again")
                else:
                    self.assertIn("would leave data behind", back)
                os.remove(self.path("owner.json"))

    def later(self, seconds):
        now = owner.time.time() + seconds
        self.replace(owner.time, "time", lambda: now)

    def test_lets_an_update_be_taken_back_that_has_switched_something_on_but_not_when_data_had_the_time_to_come(self):
        without = {**SHOP, "holds": {**HOLDS, "cache": False}}
        self.assertEqual([self.claim("create", one) for one in (without, SHOP, without, SHOP, SHOP)], [None] * 5)
        self.later(owner.WAY_BACK)
        self.assertRegex(self.claim("create", without), "^cache.enabled: true → false would leave data behind")
        other = {**SHOP, "holds": {**HOLDS, "database": None}}
        self.assertRegex(self.claim("create", other), "^database.enabled", "what was there before stays")

    def test_keeps_an_applications_database_also_right_after_another_change(self):
        def using(**databases):
            return {**SHOP, "holds": {**HOLDS, "databases": {f"apps.{app}.database": name for app, name in databases.items()}}}

        self.assertEqual([self.claim("create", one) for one in (using(), using(web="shop"))], [None] * 2)
        self.assertRegex(self.claim("create", using(web="web")), "^apps.web.database: shop → web would leave data behind")
        self.assertIsNone(self.claim("create", using()), "the way back")
        self.assertEqual([self.claim("create", using(web="shop")), self.claim("create", using(web="shop", worker="w"))], [None] * 2)
        self.assertRegex(self.claim("create", using(web="web", worker="w")), "^apps.web.database")

    def test_keeps_the_major_version_whose_files_are_there_also_where_nobody_noted_it(self):
        with_major = lambda major: {**SHOP, "holds": {**HOLDS, "database": {**HOLDS["database"], "major": major}}}
        self.assertIsNone(self.claim("create", SHOP))
        self.write(self.path("PG_VERSION"), "15\n")
        self.docker = {"volume inspect": self.folder}
        refused = self.claim("create", with_major("16"))
        self.assertRegex(refused, "^database.major: 15 → 16 would leave data behind: the files of that major version")
        self.assertTrue(refused.endswith("fairlead forget database"), refused)
        self.assertIsNone(self.claim("create", with_major("15")))
        self.docker = {}
        self.assertRegex(self.claim("create", with_major("16")), "^database.major: 15 → 16")

    def test_keeps_the_database_of_each_application_which_may_go_and_come_but_not_begin_empty(self):
        def using(**databases):
            named = {f"apps.{app}.database": name for app, name in databases.items()}
            return {**SHOP, "holds": {**HOLDS, "databases": named}}

        self.assertIsNone(self.claim("create", SHOP), "a version that didn't note them")
        self.assertIsNone(self.claim("create", using(web="shop", cms="cms")))
        refused = self.claim("create", using(web="web", cms="cms"))
        self.assertRegex(refused, "^apps.web.database: shop → web would leave data behind: the database that the application uses")
        self.assertTrue(refused.endswith("fairlead forget apps.web.database"), refused)
        self.assertIsNone(self.claim("create", using(web="shop")), "an application goes")
        self.assertIsNone(self.claim("create", using(web="shop", new="new")), "another comes")
        self.assertIn("may change apps.web.database", owner.forget("apps.web.database"))
        self.later(owner.WAY_BACK)
        self.assertIsNone(self.claim("create", using(web="web", new="new")))

    def using(self, prefixes=None, **databases):
        """A claim of applications with these databases: web="shop", web_events="x" for its databases.events."""
        named = {f"apps.{app.replace('_', '.databases.', 1)}": name for app, name in databases.items() if "_" in app}
        named.update({f"apps.{app}.database": name for app, name in databases.items() if "_" not in app})
        return {**SHOP, "holds": {**HOLDS, "databases": named, "prefixes": prefixes or {}}}

    def test_refuses_an_empty_database_also_when_the_application_had_none_in_between(self):
        using = self.using
        self.assertEqual([self.claim("create", one) for one in (using(web="shop"), using(), using(cms="cms"))], [None] * 3)
        self.later(owner.WAY_BACK)
        refused = self.claim("create", using(web="web"))
        self.assertRegex(refused, "^apps.web.database: shop → web would leave data behind")
        self.assertRegex(refused, r"docs/server.md, Another database for an application.*begin empty.*fairlead forget apps.web.database$")
        self.assertIsNone(self.claim("create", using(web="shop")), "it finds its data")
        self.assertIsNone(self.claim("create", using()))
        owner.forget("apps.web.database")
        self.assertIsNone(self.claim("create", using(web="web")))
        self.assertEqual(json.loads(self.read(self.path("owner.json")))["left"], {"apps.cms.database": "cms"})

    def test_refuses_one_that_moves_to_another_name_of_the_settings_and_is_empty_there(self):
        using = self.using
        self.assertIsNone(self.claim("create", using(web="shop")))
        self.later(owner.WAY_BACK)
        self.assertRegex(
            self.claim("create", using(web_main="web_main")),
            "^apps.web.database: shop → apps.web.databases.main: web_main would leave data behind",
        )
        self.assertIsNone(self.claim("create", using(web_main="shop")), "the same database under another name")
        self.assertIsNone(self.claim("create", using(web_main="shop", web_events="e")), "a further one")
        self.assertIsNone(self.claim("create", using(web_main="shop")), "one less")

    def test_refuses_another_prefix_of_the_cache_but_not_a_first_one_nor_the_shared_user(self):
        first, second = {"apps.web.cache": "web:"}, {"apps.web.cache": "w:"}
        self.assertEqual([self.claim("create", self.using(one)) for one in (None, first)], [None] * 2)
        refused = self.claim("create", self.using(second))
        self.assertRegex(refused, "^apps.web.cache: web: → w: would leave data behind: the keys of the cache")
        self.assertEqual([self.claim("create", self.using(one)) for one in (None, second)], [None] * 2)

    def test_knows_who_shared_the_database_also_where_an_earlier_version_noted_nobody(self):
        def container(service, *names):
            labels = {"app": "shop", "service": service, "managed-by": "fairlead"}
            return {"Config": {"Labels": labels, "Env": [f"{name}=x" for name in names]}}

        self.assertIsNone(self.claim("create", SHOP))
        there = [container("web", "DATABASE_URL_FILE"), container("cms", "DATABASE_URL"), container("ui", "PORT")]
        self.docker = {"ps --all": "c1", "inspect c1": json.dumps(there)}
        for app in ("web", "cms"):
            self.assertRegex(self.claim("create", self.using(**{app: app})), f"^apps.{app}.database: shop → {app} would leave")
        self.assertIsNone(self.claim("create", self.using(ui="ui", web="shop")))

    def test_lets_the_name_be_corrected_while_nothing_of_that_name_is_there(self):
        wrong = {**SHOP, "name": "shpo", "holds": {**HOLDS, "name": "shpo"}}
        self.assertEqual([self.claim("create", wrong), self.claim("create", SHOP)], [None, None])
        self.later(owner.WAY_BACK)
        self.docker = {"volume ls": "shop_postgres_data"}
        self.assertRegex(self.claim("create", wrong), "^name: shop → shpo would leave data behind")

    def test_is_told_what_a_marker_that_cannot_be_read_is(self):
        self.write(self.path("owner.json"), "{")
        self.assertRegex(self.claim("create", SHOP), r"(?s)owner\.json can't be read.*Nothing was changed")

    def test_lets_nothing_go_that_no_data_depends_on(self):
        self.claim("create", SHOP)
        refused = self.attempt(owner.forget, "edge")
        self.assertRegex(refused, r"no data depends on 'edge' here; known: name, database, database\.name, .*cache")


if __name__ == "__main__":
    unittest.main()
