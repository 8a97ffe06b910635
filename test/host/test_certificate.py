import os
import shutil
import unittest

from support import Case, ended

from fairlead import certificate
from fairlead.lib import acme, acme_errors, authority, pair, pem

NONCE = "urn:ietf:params:acme:error:badNonce :: The client sent an unacceptable anti-replay nonce"
LIMITED = "urn:ietf:params:acme:error:rateLimited :: too many"


class Pair(Case):
    """A pair of certificate and key, made and checked by the tools themselves."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("authority"))
        os.chmod(self.folder, 0o700)
        self.make("a.test", "*.a.test", "b.test")

    def spec(self, *names):
        return {"tls": self.folder, "domain": "a.test", "names": list(names)}

    def make(self, *names):
        authority.issue(self.spec(*names), self.folder)

    def check(self, *names, chain="fullchain.pem", key="privkey.pem"):
        return pair.check(self.path(chain), self.path(key), names)

    def test_is_accepted_with_every_name_that_it_has_those_below_a_wildcard_too(self):
        self.check("a.test", "b.test", "*.a.test", "www.a.test")
        self.assertEqual(pem.names(pem.blocks(self.path("fullchain.pem"))[0]), ["*.a.test", "a.test", "b.test"])

    def test_is_refused_without_a_name(self):
        words = self.refused(self.check, "a.test", "c.test")
        self.assertRegex(words, r"doesn't name c\.test; it names \*\.a\.test, a\.test, b\.test$")
        self.refused(self.check, "x.y.a.test")

    def test_is_refused_with_another_key(self):
        shutil.copy(self.path("authority", "ca.key"), self.path("other.key"))
        words = self.refused(lambda: self.check(key="other.key"))
        self.assertRegex(words, r"other\.key is not the key of ")

    def test_is_refused_when_it_is_no_certificate_or_its_chain_is_in_the_wrong_order(self):
        self.write(self.path("empty.pem"), "nothing\n")
        self.assertIn("found none", self.refused(lambda: self.check(chain="empty.pem")))
        own, above = self.read(self.path("fullchain.pem")), self.read(self.path("authority", "ca.pem"))
        self.write(self.path("good.pem"), own + above)
        self.write(self.path("bad.pem"), own + own)
        self.check(chain="good.pem")
        self.assertIn("is not signed by the next one in it", self.refused(lambda: self.check(chain="bad.pem")))

    def test_of_the_servers_own_stays_while_its_authority_may_sign_for_the_names_and_no_longer(self):
        def issued(*names):
            return authority.issued(self.spec(*names), self.path("fullchain.pem"))

        self.assertTrue(issued("a.test", "b.test"))
        self.assertFalse(issued("a.test", "c.test"))
        before = self.read(self.path("authority", "ca.pem"))
        self.make("a.test", "www.a.test")
        self.assertEqual(self.read(self.path("authority", "ca.pem")), before, "the same authority for names below")
        trusted = authority.trusted(self.spec("a.test", "c.test"))
        self.assertEqual(trusted, before, "visitors need trust no new one while it signs nothing for the name")
        self.make("a.test", "c.test")
        self.assertNotEqual(self.read(self.path("authority", "ca.pem")), before, "it may not sign for another domain")
        self.assertTrue(issued("a.test", "c.test"))

    def test_of_the_servers_own_is_rehearsed_without_a_change(self):
        def everything():
            return {name: self.read(self.path(*name)) for name in (("fullchain.pem",), ("authority", "ca.pem"), ("authority", "ca.key"))}

        before = everything()
        certificate.rehearse({**self.spec("a.test", "www.a.test"), "mode": "self-signed"})
        self.assertEqual(everything(), before)
        words = self.refused(certificate.rehearse, {**self.spec("c.test"), "mode": "self-signed"})
        self.assertRegex(words, "may not sign for these names; npm run renew")
        self.assertEqual(everything(), before)

    def test_that_could_not_be_renewed_is_one_line_of_the_log_as_is_every_attempt(self):
        self.replace(certificate, "LOG", self.path("renew.log"))
        certificate.log("failed: a.test\n  dns, no A record\n\nWhat to do")
        certificate.log("renewed")
        self.assertRegex(self.read(self.path("renew.log")), r"^\S+Z failed: a\.test dns, no A record What to do\n\S+Z renewed\n$")


class Order(Case):
    """An order of a certificate."""

    def order(self, *outputs):
        """Orders while certbot says this much: (how often it was asked, the first words, the remedy's first words)."""
        answers, calls = list(outputs), []

        def certbot(argv, **_):
            calls.append(argv)
            output = answers.pop(0)
            return ended(output, code=1 if output else 0)

        self.replace(acme, "run", certbot)
        self.replace(acme, "lost_words", lambda before: "")
        spec = {"challenge": "http-01", "directory": "https://ca.test/dir", "tls": "/nonexistent", "domain": "a.test"}
        if not outputs[-1]:
            acme.certbot(spec, [])
            return len(calls), "", ""
        words = self.refused(acme.certbot, spec, [])
        return len(calls), words.split("\n")[0], words.split("What to do: ")[1][:40]

    def test_is_tried_again_after_refused_nonces_which_say_nothing_about_it(self):
        self.assertEqual(self.order(NONCE, NONCE, ""), (3, "", ""))

    def test_is_given_up_after_three_times_and_at_once_for_anything_else(self):
        nonce = "https://ca.test/dir issued no certificate: badNonce."
        self.assertEqual(self.order(NONCE, NONCE, NONCE), (3, nonce, "The directory lost track of our requests"))
        limited = "https://ca.test/dir issued no certificate: rateLimited."
        self.assertEqual(self.order(LIMITED), (1, limited, "Wait until the time in the answer; meanw"))
        both = "https://ca.test/dir issued no certificate: badNonce, rateLimited."
        self.assertEqual(self.order(f"{NONCE}\n{LIMITED}"), (1, both, "The directory lost track of our requests"))


class Explained(Case):
    """What an authority refused."""

    def test_has_its_own_words_and_a_remedy_for_each_kind(self):
        output = "\n".join([
            "Saving debug log to /var/log/letsencrypt/letsencrypt.log",
            "Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:",
            "  Domain: a.test",
            "  Type:   dns",
            "  Detail: no A record",
            "urn:ietf:params:acme:error:rateLimited :: too many",
        ])
        said = acme_errors.explain(output, {"directory": "https://ca.test/dir", "challenge": "http-01"}, "The old one stays.")
        self.assertRegex(said, r"^https://ca\.test/dir issued no certificate: dns, rateLimited\.\n")
        remedies = r"(?s)Detail: no A record\n.*The old one stays\.\nWhat to do: Let the name's A.*What to do: Wait"
        self.assertRegex(said, remedies)
        self.assertNotIn("debug log", said)

    def test_is_not_explained_by_where_the_name_leads_when_it_found_no_record(self):
        output = "The Certificate Authority reported these problems:\n" + "\n".join(
            f"  Domain: {name}\n  Type:   unauthorized\n  Detail: No TXT record found\n" for name in ("a.test", "b.test")
        )

        def said(plugin):
            return acme_errors.explain(output, {"directory": "https://ca.test/dir", "challenge": "dns-01", "plugin": plugin}, "")

        self.assertRegex(said("ovh"), r"What to do: .*NS records .*raise certificates\.dns\.propagation")
        self.assertNotIn("leads to another server", said("ovh"))
        self.assertRegex(said("route53"), r"What to do: .*NS records [^,]*\.(\n|$)", "it waits by itself")
        self.assertEqual(said("ovh").count("Detail: No TXT record found"), 2, "one for each domain")


if __name__ == "__main__":
    unittest.main()
