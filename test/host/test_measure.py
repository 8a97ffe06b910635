import json
import os
import unittest

from support import Case

from fairlead.lib import cgroups, exposition, scrape_targets, server_figures


def container(name, **more):
    one = {
        "name": name, "system": "shop", "service": "api", "process": None, "task": None, "release": "api-1", "state": "running",
        "health": "healthy", "created": 100.0, "started": 101.0, "exitCode": 0, "killed": False, "restarts": 2, "memory": 5, "limit": 10, "cpu": 1.5,
    }
    return {**one, **more}


class Format(unittest.TestCase):
    def test_puts_the_values_of_a_name_together_and_leaves_out_what_has_none(self):
        lines = [("b_total", {}, 1), ("a", {"x": 'say "hi"\n\\'}, 2), ("b_total", {"y": "z", "none": None}, 3), ("c", {}, None)]
        self.assertEqual(
            exposition.text(lines),
            '# TYPE a gauge\na{x="say \\"hi\\"\\n\\\\"} 2\n# TYPE b_total counter\nb_total 1\nb_total{y="z"} 3\n',
        )


class Containers(unittest.TestCase):
    def lines(self, *containers):
        return list(server_figures.of_containers(containers, {"api-1-x": 4}))

    def test_have_their_figures_with_what_they_belong_to(self):
        found = {name: (labels, value) for name, labels, value in self.lines(container("api-1-x"))}
        labels = {"container": "api-1-x", "app": "api", "process": "web", "release": "api-1"}
        self.assertEqual(found["fairlead_container_running"], (labels, 1))
        self.assertEqual(found["fairlead_container_restarts_total"][1], 2)
        self.assertEqual(found["fairlead_container_oom_kills_total"][1], 4)
        self.assertEqual([found[f"fairlead_container_{name}"][1] for name in ("memory_bytes", "memory_limit_bytes", "cpu_seconds_total")], [5, 10, 1.5])

    def test_of_the_infrastructure_are_named_by_their_service(self):
        ((_, labels, value), *_) = self.lines(container("shop_redis", service="redis", release=None, state="exited"))
        self.assertEqual((labels, value), ({"container": "shop_redis", "service": "redis"}, 0))

    def test_that_run_once_or_wait_for_their_turn_are_left_out(self):
        self.assertEqual(self.lines(container("a", task="nightly"), container("b", process="release"), container("c", state="created")), [])

    def test_say_nothing_of_health_while_they_start(self):
        values = [value for name, _, value in self.lines(container("a", health="starting")) if name == "fairlead_container_healthy"]
        self.assertEqual(values, [None])

    def test_say_nothing_of_health_once_they_are_stopped(self):
        values = [value for name, _, value in self.lines(container("a", health="unhealthy", state="exited")) if name == "fairlead_container_healthy"]
        self.assertEqual(values, [None])


class Usage(Case):
    FOUND = {"State": {"Pid": 7}}

    def setUp(self):
        super().setUp()
        self.replace(cgroups, "PROC", self.path("proc"))
        self.replace(cgroups, "CONTROL", self.path("cgroup"))

    def test_is_read_from_the_first_version_of_control_groups(self):
        self.write(self.path("proc", "7", "cgroup"), "4:memory:/docker/a\n2:cpu,cpuacct:/docker/a\n0::/docker/a\n")
        self.write(self.path("cgroup", "memory", "docker", "a", "memory.usage_in_bytes"), "1000\n")
        self.write(self.path("cgroup", "memory", "docker", "a", "memory.stat"), "cache 500\ntotal_inactive_file 300\n")
        self.write(self.path("cgroup", "cpuacct", "docker", "a", "cpuacct.usage"), "2500000000\n")
        self.assertEqual(cgroups.usage(self.FOUND), (700, 2.5))

    def test_is_read_from_the_second_version(self):
        self.write(self.path("proc", "7", "cgroup"), "0::/system.slice/docker-a.scope\n")
        self.write(self.path("cgroup", "system.slice", "docker-a.scope", "memory.current"), "1000\n")
        self.write(self.path("cgroup", "system.slice", "docker-a.scope", "memory.stat"), "inactive_file 100\n")
        self.write(self.path("cgroup", "system.slice", "docker-a.scope", "cpu.stat"), "usage_usec 1500000\nuser_usec 1\n")
        self.assertEqual(cgroups.usage(self.FOUND), (900, 1.5))

    def test_is_unknown_of_one_that_has_ended(self):
        self.assertEqual(cgroups.usage(self.FOUND), (None, None))


class Releases(Case):
    def figures(self, slots, *containers):
        class Runtime:
            def servers(self, app):
                return slots if app == "api" else {}

        self.replace(server_figures, "runtime_of", lambda _socket: Runtime())
        return [(name, labels, value) for name, labels, value in server_figures.of_releases({"socket": "s"}, containers)]

    def test_have_places_and_shares_of_the_traffic(self):
        slots = {"s1": {"host": "api-1-x", "weight": 90}, "s2": {"host": "api-2-y", "weight": 10}, "s3": {"host": "switch", "weight": 0}}
        lines = self.figures(slots, container("api-1-x"), container("api-2-y", release="api-2", created=50.0))
        self.assertIn(("fairlead_switch_slot", {"proxy": "api", "server": "s2", "release": "api-2", "container": "api-2-y"}, 1), lines)
        self.assertIn(("fairlead_release_weight", {"app": "api", "release": "api-1"}, 0.9), lines)
        self.assertIn(("fairlead_release_created_timestamp_seconds", {"app": "api", "release": "api-2"}, 50.0), lines)
        self.assertNotIn("s3", str(lines))

    def test_without_a_place_are_left_over_where_their_application_has_some(self):
        slots = {"s1": {"host": "api-1-x", "weight": 1}}
        lines = self.figures(slots, container("api-1-x"), container("api-0-z", release="api-0"), container("job", release="api-0", task="t"), container("w-1", service="work", release="work-1"))
        left = [(labels["release"], value) for name, labels, value in lines if name == "fairlead_container_left_over"]
        self.assertEqual(left, [("api-0", 1), ("api-1", 0)])


class Nginx(Case):
    def test_is_read_as_its_own_exporter_reads_it(self):
        page = "Active connections: 3 \nserver accepts handled requests\n 10 10 25 \nReading: 0 Writing: 1 Waiting: 2 \n"
        found = server_figures.NGINX.search(page).groupdict()
        self.assertEqual(found, {"active": "3", "accepted": "10", "handled": "10", "requests": "25", "reading": "0", "writing": "1", "waiting": "2"})

    def test_that_does_not_answer_is_down(self):
        self.replace(server_figures, "STATUS", ("127.0.0.1", 1, "/status"))
        self.assertEqual(list(server_figures.of_nginx(None, None)), [("nginx_up", {}, 0)])


class Folders(Case):
    def test_that_come_later_are_found(self):
        self.replace(server_figures, "CONTAINER_LOGS", self.path("logs"))
        spec = {"root": self.path("root"), "volumes": {"prometheus": [self.path("volume")]}}
        before = server_figures.present(spec)
        self.assertEqual([(name, paths) for name, paths in before if name != "logs"], [("backups", []), ("prometheus", [])])
        os.mkdir(self.path("volume"))
        self.assertEqual(dict(server_figures.present(spec))["prometheus"], [self.path("volume")])
        with open(self.path("volume", "data"), "wb") as file:
            file.write(b"x" * 50_000)
        sizes = {labels["folder"]: int(value) for _, labels, value in server_figures.folders(spec)}
        self.assertGreaterEqual(sizes["prometheus"], 50_000)
        self.assertNotIn("backups", sizes)


class Targets(Case):
    SCRAPED = {"api": [{"process": "web", "port": 80, "path": "/metrics", "interval": 10}, {"process": "worker", "port": 90, "path": "/m"}]}

    def written(self, containers):
        spec = {"targets": self.path("targets"), "apps": self.SCRAPED}
        scrape_targets.write(spec, containers)
        with open(os.path.join(spec["targets"], "api.json"), encoding="utf-8") as file:
            return json.load(file)

    def test_are_the_containers_of_what_exports_figures(self):
        found = self.written([container("api-1-x"), container("api-1-w", process="worker"), container("api-1-o", process="other"), container("shop_redis", service="redis", release=None)])
        self.assertEqual([one["targets"] for one in found], [["api-1-x:80"], ["api-1-w:90"]])
        web, worker = (one["labels"] for one in found)
        self.assertEqual(web, {"app": "api", "service": "api", "process": "web", "release": "api-1", "__metrics_path__": "/metrics", "__scrape_interval__": "10s"})
        self.assertNotIn("__scrape_interval__", worker)

    def test_are_not_what_has_ended_or_waits(self):
        self.assertEqual(self.written([container("a", state="exited"), container("b", state="created"), container("c", task="nightly")]), [])

    def test_of_applications_that_are_gone_go(self):
        self.written([])
        self.write(self.path("targets", "old.json"), "[]")
        self.written([])
        self.assertEqual(os.listdir(self.path("targets")), ["api.json"])


class Kills(Case):
    def test_are_counted_over_a_restart_of_the_tools(self):
        from fairlead.lib import oom

        self.manifests(oom)
        events = [{"Actor": {"Attributes": {"name": "api-1-x"}}}, {"Actor": {"Attributes": {"name": "gone"}}}]
        asked = []
        self.replace(oom, "ask_lines", lambda path, query: asked.append((path, query)) or events)
        self.assertEqual(oom.Kills().counted(["api-1-x", "api-1-y"]), {"api-1-x": 1, "api-1-y": 0})
        again = oom.Kills()
        self.assertEqual(again.counted(["api-1-x"]), {"api-1-x": 2})
        self.assertEqual(asked[0][1]["until"], asked[1][1]["since"])


if __name__ == "__main__":
    unittest.main()
