import contextlib
import io
import json
import os
import sys
import unittest

from support import Case, Programs, ended

from fairlead import __main__, edge
from fairlead.lib import gate, mounts, nginx, switch_files
from fairlead.lib.errors import HostError


def others():
    """Workers of Nginx, which are others each time."""
    generations = iter(range(1000))
    return lambda container: {next(generations)}


class Edge(Case):
    def setUp(self):
        super().setUp()
        self.programs = Programs()
        self.replace(edge, "run", self.programs)
        self.replace(edge, "is_running", lambda container: True)
        self.replace(nginx, "run", self.programs)
        self.replace(edge, "condition", lambda container: None)
        self.replace(nginx, "end_oldest", lambda *_: None)
        self.replace(nginx, "present", others())
        self.replace(edge, "say", lambda text: None)

    def spec(self, **more):
        plain = {"directory": self.folder, "container": "c", "oldProcesses": 8, "image": "i", "mounts": {}, "writable": [], "tmpfs": []}
        return {**plain, "files": {"nginx.conf": "one", "errors/404.html": "two"}, **more}

    def test_has_its_old_files_again_when_nginx_could_neither_be_reloaded_nor_restarted(self):
        broken = []

        def docker(argv, **_):
            if (argv[-1] == "reload" or argv[1] == "restart") and broken:
                raise HostError(broken.pop(0))
            return self.programs(argv)

        self.replace(edge, "run", docker)
        self.replace(nginx, "run", docker)

        def update(text):
            return edge.apply(self.spec(files={"nginx.conf": text}))["changed"]

        self.assertTrue(update("one"))
        broken.extend(["no such process", "cannot restart"])
        words = self.refused(update, "two")
        self.assertEqual(words, "Nginx was not reloaded, the old configuration stays; run the same update again: cannot restart")
        self.assertEqual(broken, [])
        self.assertEqual(edge.content(self.path("live")), {"nginx.conf": "one"})
        self.assertEqual([update("two"), update("two")], [True, False])

    def test_keeps_what_serves_when_nginx_only_says_in_its_log_that_it_does_not_take_the_new_files(self):
        update = lambda text: edge.apply(self.spec(files={"nginx.conf": text}))
        update("one")
        self.replace(nginx, "READING", 0.2)
        self.replace(nginx, "present", lambda container: {1, 2})
        words = "2026/01/01 [notice] x\n2026/01/01 [emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)"
        self.programs.lines.clear()
        self.replace(nginx, "emergencies", nginx.emergencies)
        self.replace(nginx, "run", lambda argv, **_: ended(stderr=words if argv[1] == "logs" else ""))
        told = self.refused(update, "two")
        self.assertRegex(told, r"(?s)the old configuration stays.*keeps its old configuration\.\n2026/01/01 \[emerg\] bind\(\)[^\n]*$")
        self.assertNotIn("docker restart c", self.programs.lines)
        self.assertEqual(edge.content(self.path("live")), {"nginx.conf": "one"})

    def test_removes_users_that_it_no_longer_asks_for_once_nginx_has_read_that(self):
        asking = lambda *names: {"nginx.conf": "".join(f"auth_basic_user_file /etc/fairlead/users/{name};\n" for name in names)}
        for name in ("cms", "blog.test"):
            self.write(self.path("users", name), "ann:x\n")
        there = lambda: sorted(os.listdir(self.path("users")))
        edge.apply(self.spec(files=asking("cms", "blog.test")))
        self.assertEqual(there(), ["blog.test", "cms"])
        self.replace(edge, "reread", lambda spec: self.assertEqual(there(), ["blog.test", "cms"]))
        edge.apply(self.spec(files=asking("cms")))
        self.assertEqual(there(), ["cms"])

        def refuse(spec):
            raise HostError("no such process")

        self.replace(edge, "reread", refuse)
        self.refused(edge.apply, self.spec(files=asking()))
        self.assertEqual(there(), ["cms"], "the old configuration stays")

    def test_has_files_read_that_an_update_was_killed_over(self):
        spec = self.spec()
        edge.apply(spec)
        os.remove(self.path("read"))
        self.assertEqual([one["aspect"] for one in edge.look(spec)], ["configuration"])
        before = len(self.programs.lines)
        self.assertFalse(edge.apply(spec)["changed"])
        self.assertIn("reload", self.programs.lines[-1])
        self.assertGreater(len(self.programs.lines), before)
        self.assertEqual(list(edge.look(spec)), [])

    def test_opens_its_folders_to_its_workers_however_strict_the_umask_of_who_logs_in(self):
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        self.replace(sys, "argv", ["fairlead", "edge", "apply"])
        self.replace(sys, "stdin", io.StringIO(json.dumps(self.spec())))
        self.replace(__main__.owner, "MARKER", self.path("none.json"))
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(__main__.main(), 0)
        modes = [oct(os.stat(self.path("live", name)).st_mode & 0o777) for name in ("", "errors", "errors/404.html", "nginx.conf")]
        self.assertEqual(modes, ["0o755", "0o755", "0o644", "0o644"])

    def test_opens_folders_again_that_were_closed(self):
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)
        spec = self.spec()

        def found():
            return [(one["aspect"], one["declared"], one["found"]) for one in edge.look(spec)]

        result = [edge.apply(spec)["changed"], found()]
        os.chmod(self.path("live", "errors"), 0o700)
        result += [found(), edge.apply(spec)["changed"], found(), edge.apply(spec)["changed"]]
        self.assertEqual(result, [True, [], [("mode", "0755", "0700")], True, [], False])

    def test_tries_its_files_in_a_container_such_as_they_will_run_in_not_in_the_one_that_runs(self):
        mounted = {"/opt/x/edge": "/etc/fairlead", "/opt/x/spool/edge": "/var/spool/nginx"}
        edge.apply(self.spec(image="nginx@sha256:2", mounts=mounted, writable=["/opt/x/spool/edge"], tmpfs=["/run", "/tmp"]))
        test, reload = [line for line in self.programs.lines if " run " in line or " exec " in line]
        self.assertRegex(test, r"^docker run --rm --read-only --tmpfs /run --tmpfs /tmp ")
        folders = r" -v /opt/x/edge:/etc/fairlead:ro -v /opt/x/spool/edge:/var/spool/nginx:rw nginx@sha256:2 -t "
        self.assertRegex(test, folders)
        self.assertRegex(reload, r"^docker exec c nginx .*reload$")


class WhateverStateItIsIn(Case):
    RUNNING = {"Running": True, "Pid": 1}

    def update(self, state, wrong=lambda: None, refused=(), image="sha256:1", mounted=True, gone=False):
        """An update of the edge whose container Docker shows so; {wrong} is done to its folder before."""
        spec = {
            "directory": self.folder, "container": "c", "oldProcesses": 8, "image": "i", "writable": [], "tmpfs": [],
            "files": {"nginx.conf": "one"}, "mounts": {self.folder: "/etc/fairlead"},
        }
        state = dict(state)
        shown = {"Image": image, "State": state, "Mounts": [{"Source": self.folder, "Destination": "/etc/fairlead"}] if mounted else []}
        programs = Programs({"docker inspect --type container c": json.dumps([shown]), "docker image inspect -f {{.Id}} i": "sha256:1"})

        def docker(argv, **options):
            text = " ".join(argv)
            if argv[1] == "unpause":
                state["Paused"] = False
            if any(one in text for one in refused):
                programs.calls.append(argv)
                raise HostError("refused")
            if "{{.State.Running}}" in text:
                return ended(" ".join(str(state.get(name, False)).lower() for name in ("Running", "Restarting", "Paused")))
            return programs(argv, **options)

        for module in (edge, gate, mounts, nginx):
            self.replace(module, "run", docker)
        self.replace(edge, "say", lambda text: None)
        self.replace(nginx, "end_oldest", lambda *_: None)
        self.replace(nginx, "present", others())
        same = (1, 2)
        self.replace(mounts, "identity", lambda path: ("gone",) if path.startswith("/proc/") and gone else same)
        wrong()
        done = edge.apply(spec)
        calls = [" ".join(call[1:3]) for call in programs.calls if call[1] in ("exec", "restart", "unpause")]
        content = edge.content(self.path("live"))
        for name in ("live", "next", "previous", "read"):
            edge.discard(self.path(name))
        return done, content, calls

    def after(self, restarted, *calls, changed=True):
        return {"changed": changed, "restarted": restarted}, {"nginx.conf": "one"}, list(calls)

    def test_has_its_files_again_whatever_was_put_in_their_place(self):
        live = self.path("live")

        def folder_with(make):
            os.mkdir(live)
            make(os.path.join(live, "nginx.conf"))

        def binary(path):
            with open(path, "wb") as file:
                file.write(b"\xff\x00")

        def touch(*paths):
            for path in paths:
                open(path, "w", encoding="utf8").close()

        wrongs = {
            "nothing": lambda: None,
            "a file": lambda: touch(live),
            "a link": lambda: os.symlink("/nowhere", live),
            "another content": lambda: folder_with(binary),
            "a link as its file": lambda: folder_with(lambda path: os.symlink("/nowhere", path)),
            "files as the other folders": lambda: touch(self.path("next"), self.path("previous")),
        }
        for name, wrong in wrongs.items():
            self.assertEqual(self.update(self.RUNNING, wrong), self.after(False, "exec c"), name)

    def test_is_woken_before_it_reads_them_when_it_is_paused(self):
        self.assertEqual(self.update({**self.RUNNING, "Paused": True}), self.after(False, "unpause c", "exec c"))

    def test_reads_them_at_its_next_start_when_it_stands_still_or_keeps_stopping(self):
        for state in ({"Running": False}, {"Running": True, "Restarting": True, "Pid": 0}):
            self.assertEqual(self.update(state), self.after(False))

    def test_is_started_again_when_it_cannot_reload_since_the_real_binary_has_accepted_them(self):
        self.assertEqual(self.update(self.RUNNING, refused=["reload"]), self.after(True, "exec c", "restart c"))

    def test_is_started_again_when_its_folders_are_others_than_those_of_the_server(self):
        self.assertEqual(self.update(self.RUNNING, gone=True), self.after(True, "restart c"))

        def same():
            os.mkdir(self.path("live"))
            self.write(self.path("live", "nginx.conf"), "one")

        again = self.update(self.RUNNING, same, gone=True)
        self.assertEqual(again, self.after(True, "restart c", changed=False), "also when no file has changed")
        unread = self.update(self.RUNNING, same)
        self.assertEqual(unread, self.after(False, "exec c", changed=False), "files of which nobody knows that they were read")

    def test_is_not_asked_to_read_what_it_may_not_understand_when_it_is_made_anew_anyway(self):
        self.assertEqual(self.update(self.RUNNING, image="sha256:2"), self.after(False))
        self.assertEqual(self.update(self.RUNNING, mounted=False), self.after(False))


class Workers(Case):
    """Workers of Nginx from before a reload."""

    def test_go_on_but_for_those_of_the_oldest_reloads(self):
        workers = {
            "11": (1, nginx.LEAVING), "12": (1, nginx.LEAVING), "14": (2, nginx.LEAVING), "13": (3, nginx.LEAVING),
            "20": (9, nginx.WORKER), "21": (9, nginx.WORKER), "30": (0, "nginx: cache manager process"),
        }
        self.replace(nginx, "inspect", lambda container: {"State": {"Pid": 1}})
        self.replace(nginx, "titles", lambda master: [(pid, title) for pid, (_, title) in workers.items()])
        self.replace(nginx, "born", lambda pid: workers[pid][0])
        self.replace(nginx, "say", lambda text: None)
        result = []
        for kept in (3, 2, 1, 0):
            killed = []
            self.replace(nginx.os, "kill", lambda pid, signal, killed=killed: killed.append(pid))
            nginx.end_oldest("c", kept)
            result.append(killed)
        self.assertEqual(result, [[], [], [11, 12], [11, 12, 14, 13]])


class SwitchFiles(Case):
    def test_of_applications_are_in_a_folder_of_their_own_with_a_good_copy(self):
        spec = {"file": self.path("conf.d", "api.cfg")}
        os.mkdir(self.path("conf.d"))
        switch_files.write_app(spec, "frontend api\n")
        self.assertEqual(self.read(self.path("good", "api.cfg")), "frontend api\n")
        switch_files.remove_app(spec)
        self.assertEqual([os.listdir(self.path(name)) for name in ("conf.d", "good")], [[], []])


if __name__ == "__main__":
    unittest.main()
