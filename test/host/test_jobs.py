import json
import os
import unittest

from support import Case, Programs, ended

from fairlead import files, job, jobs, logs, one_off
from fairlead.lib import files as lib_files
from fairlead.lib import job_notes, twins, units
from fairlead.lib.run import Late

CALENDAR = "*-*-* 03:00:00"
ELAPSE = "Normalized form: *-*-* 03:00:00\n    Next elapse: Sat 2026-11-28 04:00:00 CET\n       (in UTC): Sat 2026-11-28 03:00:00 UTC\n       From now: 2h left\n"


class Declaration(Case):
    def setUp(self):
        super().setUp()
        self.manifests(job_notes)
        self.replace(files, "check_space", lambda paths: None)
        self.programs = Programs({f"systemd-analyze calendar {CALENDAR}": ELAPSE})
        for module in (files, lib_files, units, jobs, job, job_notes):
            self.replace(module, "run", self.programs)
        # No container is there.
        self.replace(twins, "run", lambda argv, **_options: ended(code=1))
        self.replace(units, "FOLDER", self.path("systemd"))
        self.replace(jobs, "STAMPS", self.path("stamps"))

    def spec(self, release="shop-1", calendar=CALENDAR, names=("nightly",)):
        return {"app": "shop", "release": release, "containers": [f"{release}-1-abc"], "metrics": self.path("metrics"), "jobs": [self.one(name, calendar) for name in names]}

    def one(self, name, calendar):
        unit = {"name": f"fairlead-job-shop.{name}.timer", "service": "[Service]\n", "timer": f"[Timer]\nOnCalendar={calendar}\n", "enabled": True, "running": True}
        return {"name": name, "command": ["true"], "timeout": 60, "retries": 1, "pause": 10, "stop": 5, "calendars": [calendar], "unit": unit}

    def apply(self, **changes):
        self.programs.calls.clear()
        jobs.apply(self.spec(**changes))
        return self.programs.lines

    def stamp(self, name="nightly"):
        return self.path("stamps", f"stamp-fairlead-job-shop.{name}.timer")


class Timers(Declaration):
    def test_begin_anew_with_a_changed_schedule_and_make_up_for_nothing(self):
        self.apply()
        os.utime(self.stamp(), (1000, 1000))
        self.apply(release="shop-2")
        self.assertEqual(os.stat(self.stamp()).st_mtime, 1000)
        self.programs.answers["systemd-analyze calendar daily"] = ELAPSE
        lines = self.apply(calendar="daily")
        self.assertGreater(os.stat(self.stamp()).st_mtime, 1000)
        timer = "fairlead-job-shop.nightly.timer"
        self.assertLess(lines.index(f"systemctl stop {timer}"), lines.index(f"systemctl restart {timer}"))

    def test_follow_a_new_release_without_a_change_of_their_own(self):
        self.apply()
        lines = self.apply(release="shop-2")
        self.assertEqual(job_notes.known("shop")["containers"], ["shop-2-1-abc"])
        self.assertFalse([line for line in lines if "restart" in line or "stop" in line or "daemon-reload" in line])

    def test_are_refused_where_the_server_knows_no_such_time(self):
        self.programs.answers["systemd-analyze calendar 2020-01-01"] = "    Next elapse: never\n"
        self.assertIn("shop/nightly, '2020-01-01', never comes", self.refused(jobs.apply, self.spec(calendar="2020-01-01")))
        self.assertFalse(os.path.exists(self.path("systemd")))

    def test_go_with_their_notes_and_figures(self):
        self.apply(names=("nightly", "hourly"))
        self.assertEqual(sorted(os.listdir(self.path("metrics"))), ["job-shop.hourly.prom", "job-shop.nightly.prom"])
        lines = self.apply(names=("hourly",))
        self.assertIn("systemctl disable --quiet --now fairlead-job-shop.nightly.timer", lines)
        self.assertEqual(sorted(os.listdir(self.path("state", "jobs"))), ["shop.hourly.result.json", "shop.json"])
        jobs.remove(self.spec(names=("hourly",)))
        self.assertIn("systemctl disable --quiet --now fairlead-job-shop.hourly.service", self.programs.lines)
        left = [name for _, folders, names in os.walk(self.folder) for name in names]
        self.assertEqual(left, [])

    def test_differ_where_the_note_names_another_release(self):
        self.apply()
        self.programs.answers.update({"systemctl is-enabled fairlead-job-shop.nightly.timer": "enabled\n", "systemctl is-active fairlead-job-shop.nightly.timer": "active\n"})
        self.replace(units, "whole", lambda file: ())
        self.assertEqual(list(jobs.look(self.spec())), [])
        found = list(jobs.look(self.spec(release="shop-2")))
        self.assertEqual([(one["thing"], one["aspect"]) for one in found], [(self.path("state", "jobs", "shop.json"), "content")])


class Runs(Declaration):
    """Runs of a job, with the outcome of each try as a test says."""

    def setUp(self):
        super().setUp()
        self.apply()
        self.pauses = []
        self.replace(job.time, "sleep", self.pauses.append)

    def run_with(self, *outcomes):
        left = list(outcomes)
        self.replace(job.Run, "attempt", lambda one: left.pop(0))
        job.Run("shop", "nightly", job_notes.known("shop")).to_the_end()
        self.assertEqual(left, [])
        return job_notes.last("shop", "nightly")

    FAILED = {"state": "failed", "code": 3, "words": "exit code 3"}

    def test_are_tried_again_and_counted_once(self):
        first = self.run_with(self.FAILED, {"state": "succeeded", "code": 0})
        self.assertEqual((first["state"], first["tries"], first["runs"], first["failures"], self.pauses), ("succeeded", 2, 1, 0, [10]))
        second = self.run_with(self.FAILED, self.FAILED)
        self.assertEqual((second["state"], second["tries"], second["runs"], second["failures"]), ("failed", 2, 2, 1))
        self.assertEqual(second["succeeded"], first["succeeded"])
        figures = self.read(self.path("metrics", "job-shop.nightly.prom"))
        self.assertIn('fairlead_job_failed{app="shop",job="nightly"} 1\n', figures)
        self.assertIn('fairlead_job_next_run_timestamp_seconds{app="shop",job="nightly"} 1795834800\n', figures)

    def test_say_that_they_were_stopped_from_outside(self):
        def stopped(_run):
            raise job.Stopped()

        self.replace(job.Run, "attempt", stopped)
        job.Run("shop", "nightly", job_notes.known("shop")).to_the_end()
        self.assertEqual(job_notes.last("shop", "nightly")["state"], "stopped")

    def test_take_the_release_that_serves_by_then_for_another_try(self):
        seen = []

        def attempt(one):
            seen.append(one.known["release"])
            self.apply(release="shop-2")
            return self.FAILED

        self.replace(job.Run, "attempt", attempt)
        job.Run("shop", "nightly", job_notes.known("shop")).to_the_end()
        self.assertEqual(seen, ["shop-1", "shop-2"])

    def test_are_stopped_when_their_time_is_over(self):
        run = job.Run("shop", "nightly", job_notes.known("shop"))

        def late(argv, **options):
            if argv[1] == "wait":
                raise Late("late")
            return self.programs(argv, **options)

        self.replace(job, "run", late)
        self.assertEqual(run.ended("id")["state"], "timed out")
        self.assertIn("docker stop --time 5 id", self.programs.lines)

    def test_were_interrupted_where_nothing_runs(self):
        job_notes.keep("shop", "nightly", self.path("metrics"), {"state": "running", "started": 1, "release": "shop-1"})
        (found,) = job.statuses()
        self.assertEqual((found["running"], found["result"]["state"]), (False, "interrupted"))
        self.assertIsNone(found["next"], "its timer is off")

    def test_are_named_where_one_is_unknown(self):
        self.assertEqual(self.refused(job.start, {"app": "shop", "job": "weekly"}), "there is no job shop/weekly; known: shop/nightly")


class Twins(Case):
    """A container like one of a release."""

    def found(self):
        os.makedirs(self.path("secrets", "shop-1"))
        self.write(self.path("secrets", "shop-1", "KEY"), "s3cret")
        mounts = [
            {"Type": "bind", "Source": self.path("secrets", "shop-1"), "Target": "/run/secrets", "ReadOnly": True},
            {"Type": "volume", "Source": "shop_uploads", "Target": "/app/uploads"},
        ]
        host = {"Mounts": mounts, "Memory": 1, "RestartPolicy": {"Name": "unless-stopped"}, "NetworkMode": "shop_network", "PortBindings": {"80/tcp": [{}]}}
        config = {"Env": ["RELEASE=shop-1", "KEY=v"], "User": "1000", "Entrypoint": ["/start"], "Hostname": "abc", "Labels": {"app": "x", "service": "shop", "process": "worker", "managed-by": "fairlead"}}
        return {"Image": "sha256:1", "Config": config, "HostConfig": host, "NetworkSettings": {"Networks": {"shop_network": {"Aliases": ["shop-1-1"]}}}}

    def create(self, **options):
        asked = []
        self.replace(twins, "ask", lambda *args: asked.append(args) or {"Id": "made"})
        found = self.found()
        twins.create(found, "job-shop.n", ["run", "it"], {"task": "job"}, "job-shop.n", **options)
        return asked[0]

    def test_has_the_release_s_settings_and_its_own_command_limit_and_end(self):
        _, path, query, body = self.create(memory=64)
        host = body["HostConfig"]
        self.assertEqual((path, query, body["Cmd"], body["Entrypoint"], body["Env"]), ("/containers/create", {"name": "job-shop.n"}, ["run", "it"], ["/start"], ["RELEASE=shop-1", "KEY=v"]))
        self.assertEqual((host["Memory"], host["MemorySwap"], host["RestartPolicy"]["Name"], host["PortBindings"]), (64, 64, "no", {}))
        self.assertEqual(body["NetworkingConfig"], {"EndpointsConfig": {"shop_network": {}}})
        self.assertEqual(body["Labels"], {"app": "x", "service": "shop", "managed-by": "fairlead", "task": "job", "release": "shop-1"})
        self.assertNotIn("Hostname", body)

    def test_keeps_the_release_s_folders_when_those_go(self):
        *_, body = self.create()
        secrets, volume = body["HostConfig"]["Mounts"]
        self.assertEqual((secrets["Source"], volume["Source"]), (self.path("secrets", "job-shop.n"), "shop_uploads"))
        os.remove(self.path("secrets", "shop-1", "KEY"))
        self.assertEqual(self.read(self.path("secrets", "job-shop.n", "KEY")), "s3cret")
        twins.forget({"Mounts": [{"Source": secrets["Source"]}]}, "job-shop.n")
        self.assertEqual(os.listdir(self.path("secrets")), ["shop-1"])


class OneOffs(Case):
    def test_take_a_running_container_of_the_process_that_is_named(self):
        listed = "shop-1-1-a\texited\t\nshop-1-worker-1-b\trunning\tworker\nshop-1-2-c\trunning\t\n"
        self.replace(one_off, "run", lambda argv, **_options: ended(listed))
        spec = {"app": "shop", "release": "shop-1"}
        self.assertEqual(one_off.names_of({**spec, "process": "web"}), ["shop-1-2-c", "shop-1-1-a"])
        self.assertEqual(one_off.names_of({**spec, "process": "worker"}), ["shop-1-worker-1-b"])
        self.assertIn("has no process cron; known: web, worker", self.refused(one_off.names_of, {**spec, "process": "cron"}))

    def test_end_nothing_else(self):
        self.assertIn("postgres is no one-off", self.refused(one_off.end, {"name": "postgres"}))


class Logs(Case):
    def test_name_the_release_of_a_container_and_only_the_process_asked_for(self):
        lines = [{"id": "1", "container": "shop-0123456789-1-ab", "process": "", "task": "", "release": ""}, {"id": "2", "container": "job-shop.n", "process": "job/n", "task": "job", "release": "shop-9876543210"}]
        self.replace(logs, "run", lambda argv, **_options: ended("\n".join(map(json.dumps, lines))))
        self.assertEqual([(one["process"], one["release"]) for one in logs.containers({"app": "shop"})], [("web", "shop-0123456789"), ("job/n", "shop-9876543210")])
        self.assertEqual([one["id"] for one in logs.containers({"app": "shop", "process": "job/n"})], ["2"])

    def test_skip_what_has_no_time(self):
        container = {"container": "c", "process": "web", "task": "", "release": "r"}
        line = logs.understood(container, "stdout", b"2026-11-27T01:02:03.000000000Z a b\n")
        self.assertEqual((line["time"], line["text"]), ("2026-11-27T01:02:03.000000000Z", "a b"))
        self.assertIsNone(logs.understood(container, "stderr", b"error from daemon\n"))


if __name__ == "__main__":
    unittest.main()
