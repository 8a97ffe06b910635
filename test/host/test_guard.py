import json
import os
import re
import unittest

from support import Case, Programs

from fairlead import account, firewall, hardening, sshd
from fairlead.lib import rollback, users


class Firewall(Case):
    def setUp(self):
        super().setUp()
        self.programs = self.replace(firewall, "run", Programs())

    def test_closes_a_rule_that_has_a_comment_as_a_person_makes_one(self):
        self.programs.answers["ufw status"] = "Status: active"
        rules = "Added user rules:\nufw allow 22/tcp\nufw allow 8080/tcp comment 'my app'\n"
        self.programs.answers["ufw show added"] = rules
        self.replace(firewall.rollback, "forget", lambda name: None)
        firewall.remove({"ssh": [["allow", "22/tcp"]]})
        self.assertEqual(self.programs.calls[-1], ["ufw", "delete", "allow", "8080/tcp", "comment", "my app"])

    def test_finds_what_was_put_past_ufw_word_by_word(self):
        self.programs.answers["iptables -S INPUT"] = (
            '-P INPUT DROP\n-A INPUT -j ufw-before-input\n-A INPUT -p tcp -m comment --comment "for a friend" -j ACCEPT\n'
        )
        words = ["INPUT", "-p", "tcp", "-m", "comment", "--comment", "for a friend", "-j", "ACCEPT"]
        self.assertEqual(firewall.strays(), [("iptables", words)])

    def test_names_a_file_of_ufw_that_is_gone_and_how_it_comes_back(self):
        words = self.refused(firewall.shipped, "/nowhere/before.rules")
        self.assertRegex(words, r"^/nowhere/before\.rules of ufw's own is missing: `apt-get purge ufw`")


class Account(Case):
    """The account that deploys."""

    def test_keeps_its_own_keys_with_their_options_and_takes_none_with_options_from_who_connects(self):
        self.replace(account.os, "environ", {"SUDO_USER": "debian"})
        self.replace(account.os.path, "expanduser", lambda name: "/home/" + name[1:])
        own = b'# CI\nfrom="192.0.2.0/24" ssh-ed25519 AAAA1 ci\n\nssh-ed25519 AAAA2 me\n'
        others = b'command="backup" ssh-ed25519 AAAA3 copy\nssh-ed25519 AAAA4 you\n'
        files = {"/home/deploy/.ssh/authorized_keys": own, "/home/debian/.ssh/authorized_keys": others}
        self.replace(account, "read", files.get)
        kept = ['from="192.0.2.0/24" ssh-ed25519 AAAA1 ci', "ssh-ed25519 AAAA2 me", "ssh-ed25519 AAAA4 you"]
        self.assertEqual(account.own_keys("deploy"), kept)

    def test_keeps_a_comment_in_an_old_encoding_as_it_is(self):
        line = b"ssh-ed25519 AAAA1 Andr\xe9"
        written = {}
        self.replace(account, "read", lambda path: line + b"\n" if path.endswith("authorized_keys") else None)
        self.replace(account, "replace", lambda path, content, entry: written.update({path: content}))
        self.replace(account, "own", lambda path, entry: None)
        account.put("keys", "\n".join(account.key_lines("deploy")) + "\n", {})
        self.assertEqual(written, {"keys": line + b"\n"})


class Users(Case):
    def test_are_made_with_their_groups_and_without_a_password(self):
        programs = self.replace(users, "run", Programs())
        present = {"daemon"}
        self.replace(users, "exists", lambda look_up, name: name in present)
        self.replace(users, "lock", lambda name: None)
        self.replace(users.grp, "getgrnam", lambda name: type("Group", (), {"gr_mem": []}))
        users.apply([{"name": "backup", "groups": ["daemon", "archive"]}])
        made = "useradd --create-home --user-group --shell /bin/bash --password * backup"
        added = ["usermod --append --groups daemon backup", "usermod --append --groups archive backup"]
        self.assertEqual(programs.lines, ["groupadd --system archive", made, *added])

    def test_differ_where_they_are_missing(self):
        found = list(users.look([{"name": "no-such-user", "groups": []}]))
        self.assertEqual([(one["thing"], one["found"]) for one in found], [("user no-such-user", None)])


class Hardening(Case):
    SPEC = {
        "name": "h", "packages": [], "units": [{"name": "cron.service"}], "files": [], "clock": True, "login": {},
        "sysctl": {"path": "/etc/sysctl.d/x", "content": ""},
    }

    def test_has_systemd_keep_the_clock_where_nothing_else_does_and_the_clock_is_the_servers_own(self):
        programs = self.replace(hardening, "run", Programs())
        result = []
        for container, other in ((False, "inactive"), (False, "active"), (True, "inactive")):
            self.replace(hardening, "in_container", lambda container=container: container)
            programs.answers["systemctl is-active chrony.service ntp.service ntpsec.service openntpd.service"] = other
            declared, _, _ = hardening.resolved(self.SPEC)
            result.append([declared["packages"], [unit["name"] for unit in declared["units"]]])
        timesyncd = [["systemd-timesyncd"], ["cron.service", "systemd-timesyncd.service"]]
        self.assertEqual(result, [timesyncd, [[], ["cron.service"]], [[], ["cron.service"]]])

    def test_never_bans_the_gateway_of_a_box(self):
        routes = json.dumps([{"gateway": "172.18.0.1"}])
        self.replace(hardening, "run", Programs({"ip -json route show default": routes}))
        file = hardening.never_banned("/x", ["::1"], True)
        self.assertEqual(file["content"], "[DEFAULT]\nignoreip = 172.18.0.1 ::1\n")
        self.assertEqual(hardening.never_banned("/x", ["::1"], False)["content"], "[DEFAULT]\nignoreip = ::1\n")

    def test_says_that_a_box_without_a_gateway_has_none(self):
        self.replace(hardening, "run", Programs())
        self.assertRegex(self.refused(hardening.never_banned, "/x", [], True), "this box has no gateway")


class Sshd(Case):
    ASSET = os.path.join(os.path.dirname(hardening.__file__), "..", "etc", "sshd.conf")

    def rendered(self):
        """The file that the stack declares, and what `sshd -T` says of it where nothing overrules it."""
        text = re.sub(r"\{\{(\w+)\}\}", lambda found: {"root": "prohibit-password", "maxStartups": "10:30:60"}.get(found[1], "4"), self.read(self.ASSET))
        now = {name: value for name, value in sshd.settings(text).items() if name != "challengeresponseauthentication"}
        now.update(permitrootlogin="without-password", kexalgorithms="sntrup761x25519-sha512,curve25519-sha256")
        return text, now

    def test_compares_every_setting_of_its_file_with_what_it_reads(self):
        text, now = self.rendered()
        declared = [line for line in text.splitlines() if line and line[0] != "#"]
        self.assertEqual(len(sshd.settings(text)), len(declared))
        self.assertGreater(len(declared), 29)
        self.replace(sshd, "effective", lambda: now)
        self.assertEqual(sshd.overruled({"content": text}), [])
        for name in now:
            self.replace(sshd, "effective", lambda name=name: {**now, name: "diffie-hellman-group14-sha256"})
            found = [option for option, _, _ in sshd.overruled({"content": text})]
            self.assertIn(name, found)

    def test_sets_aside_a_file_that_is_read_first_and_overrules_it_and_no_other(self):
        spec = {"file": self.path("00-fairlead.conf"), "content": "AllowTcpForwarding no\nUseDNS no\n"}
        for name, text in {"00-aaa.conf": "AllowTcpForwarding yes\n", "00-bbb.conf": "Port 22\n", "50-cloud.conf": "UseDNS yes\n"}.items():
            self.write(self.path(name), text)
        self.replace(sshd, "effective", lambda: {"allowtcpforwarding": "yes", "usedns": "no"})
        self.replace(sshd, "say", lambda text: None)
        sshd.set_aside(spec)
        self.assertEqual(sorted(os.listdir(self.folder)), ["00-aaa.conf.overruled", "00-bbb.conf", "50-cloud.conf"])
        self.assertRegex(self.refused(sshd.refuse_overruled, spec), r"overrules .*00-fairlead\.conf in allowtcpforwarding: remove it")


class Rollback(Case):
    """Taking back what was not confirmed."""

    def test_goes_on_with_the_next_change_when_one_cannot_be_brought_back_and_says_so(self):
        def kept(path, undo):
            return json.dumps({"boot": "an earlier one", "deadline": 0, "files": {path: None}, "undo": undo})

        # The first is a folder, which can't be removed like a file.
        os.mkdir(self.path("a folder"))
        for name in ("gone", "again"):
            self.write(self.path(name), "new")
        self.write(self.path("firewall.json"), kept(self.path("a folder"), []))
        self.write(self.path("hung.json"), kept(self.path("gone"), [["no-such-program"]]))
        self.write(self.path("ssh.json"), kept(self.path("again"), []))
        self.replace(rollback, "PENDING", self.folder)
        self.replace(rollback, "LOCK", self.path("lock"))
        words = self.refused(rollback.take_all_back)
        self.assertRegex(words, r"^could not bring back firewall\.json: [^;]*; what they were is in ")
        left = ["a folder", "firewall.json", "hung.undone", "lock", "ssh.undone"]
        self.assertEqual(sorted(os.listdir(self.folder)), left)


if __name__ == "__main__":
    unittest.main()
