import contextlib
import os
import unittest

from support import Case

from fairlead import switch, switch_upstream
from fairlead.lib import switch_files
from fairlead.lib.errors import HostError

UPSTREAM = "frontend _blog\n  bind unix@/run/switch/_blog.sock mode 666\n  default_backend _blog\n\nbackend _blog\n  server upstream blog:80 init-addr libc,none\n"
OWN = "global\n  log stdout\n\nfrontend _status\n  http-request return status 404\n"


class Upstreams(Case):
    """Ways to the upstreams of subdomains."""

    def setUp(self):
        super().setUp()
        self.manifests()
        self.replace(switch, "exclusive", contextlib.nullcontext)
        self.replace(switch_upstream, "exclusive", contextlib.nullcontext)
        self.reloads = []
        self.replace(switch_upstream, "reload", lambda spec: self.reloads.append(spec["file"]))
        self.replace(switch_upstream, "loaded", lambda spec: bool(self.reloads))
        self.replace(switch_upstream, "lost_sockets", lambda spec, text: [])
        os.mkdir(self.path("conf.d"))
        self.cfg, self.own = self.path("haproxy.cfg"), self.path("conf.d", "_blog.cfg")

    def spec(self, text=OWN):
        files = [{"path": self.cfg, "mode": "0644", "content": text}]
        return {"name": "switch", "folder": self.folder, "image": "i", "upstreams": ["_blog"], "files": files}

    def declared(self):
        return {"container": "c", "socket": "s", "file": self.own, "content": UPSTREAM}

    def test_leave_haproxys_own_file_of_an_earlier_version_without_being_gone_for_a_moment(self):
        self.write(self.cfg, OWN + "\n" + UPSTREAM)
        self.replace(switch, "check_all", lambda folder, image: self.assertEqual(self.read(self.own), UPSTREAM))
        switch.apply(self.spec())
        self.assertEqual(self.read(self.cfg), OWN)
        self.assertEqual(self.read(self.own), UPSTREAM)

    def test_leave_no_file_when_they_are_no_longer_declared_in_the_update_that_moves_them(self):
        self.write(self.cfg, "\n".join([OWN, UPSTREAM, UPSTREAM.replace("blog", "old")]))
        self.replace(switch, "check_all", lambda folder, image: None)
        switch.apply(self.spec())
        self.assertEqual(switch_files.names(self.path("conf.d")), ["_blog.cfg"])
        self.assertEqual(switch_files.names(self.path("good")), ["_blog.cfg"])

    def test_are_as_before_when_haproxy_refuses_the_new_file(self):
        self.write(self.cfg, OWN + "\n" + UPSTREAM)

        def refuse(folder, image):
            raise HostError("unknown keyword")

        self.replace(switch, "check_all", refuse)
        self.refused(switch.apply, self.spec())
        self.assertEqual(self.read(self.cfg), OWN + "\n" + UPSTREAM)
        self.assertEqual(switch_files.names(self.path("conf.d")), [])

    def test_that_have_their_own_file_stay_as_that_says(self):
        self.write(self.cfg, OWN + "\n" + UPSTREAM)
        self.write(self.own, "# newer\n")
        self.replace(switch, "check_all", lambda folder, image: None)
        switch.apply(self.spec())
        self.assertEqual(self.read(self.own), "# newer\n")

    def test_are_read_once_and_leave_no_file_when_they_are_refused(self):
        switch_upstream.apply(self.declared())
        switch_upstream.apply(self.declared())
        self.assertEqual((self.read(self.own), self.reloads), (UPSTREAM, [self.own]))
        self.assertEqual(list(switch_upstream.look(self.declared())), [])

    def test_that_haproxy_refuses_leave_what_was(self):
        def refuse(spec):
            raise HostError("no such host")

        self.replace(switch_upstream, "reload", refuse)
        self.refused(switch_upstream.apply, self.declared())
        self.assertEqual(switch_files.names(self.path("conf.d")), [])

    def test_differ_while_haproxy_has_not_read_them(self):
        self.assertEqual([one["aspect"] for one in switch_upstream.look(self.declared())], ["presence"])
        self.write(self.own, UPSTREAM)
        self.assertEqual([one["aspect"] for one in switch_upstream.look(self.declared())], ["configuration"])

    def test_go_with_their_copy(self):
        self.replace(switch_upstream, "is_running", lambda container: True)
        switch_upstream.apply(self.declared())
        switch_upstream.remove(self.declared())
        self.assertEqual(switch_files.names(self.path("conf.d")) + switch_files.names(self.path("good")), [])
        self.assertEqual(len(self.reloads), 2)


if __name__ == "__main__":
    unittest.main()
