import json
import os
import shutil
import unittest

from support import Case, ended

from fairlead import certificate, site_certificate
from fairlead.lib import acme, acme_errors, authority, certificates, pair, pem
from fairlead.lib.errors import HostError

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


class Site(Case):
    """A site with a certificate of its own, beside the domain's."""

    def setUp(self):
        super().setUp()
        self.replace(certificates, "LOCK", self.path("lock"))
        self.replace(pair, "WORKERS", f"{os.getuid()}:{os.getgid()}")
        self.replace(pair, "is_running", lambda container: False)
        self.replace(pair, "condition", lambda container: None)
        self.replace(pair, "replaced_folders", lambda found, folders: [])
        self.tls = self.path("tls")
        self.domain = self.spec("a.test", "a.test", "b.test")
        self.site = {**self.spec("b.test", "b.test", "www.b.test"), "site": True}

    def spec(self, domain, *names):
        return {"mode": "self-signed", "tls": self.tls, "domain": domain, "names": list(names), "container": "edge"}

    def shown(self, spec):
        return pem.names(pem.blocks(pair.current(spec)[0])[0])

    def test_has_its_own_pair_and_authority_and_the_domains_stay_as_they_are(self):
        certificate.apply(self.domain)
        before = self.read(pair.current(self.domain)[0])
        trusted = site_certificate.apply(self.site)["certificate"]
        self.assertEqual(self.shown(self.site), ["b.test", "www.b.test"])
        self.assertEqual(os.path.relpath(pair.folder(self.site), self.tls), "edge/sites/b.test")
        certificate.apply({**self.domain, "names": ["a.test"]})
        self.assertEqual(self.read(pair.current(self.domain)[0]), before)
        self.assertNotEqual(self.read(os.path.join(self.tls, "authority", "ca.pem")), trusted)
        self.assertEqual(list(site_certificate.look(self.site)), [])

    def test_shows_the_domains_until_an_authority_has_issued_its_own(self):
        certificate.apply({**self.domain, "names": ["a.test", "b.test", "www.b.test"]})
        site_certificate.apply({**self.site, "mode": "acme"})
        self.assertEqual(self.read(pair.current(self.site)[0]), self.read(pair.current(self.domain)[0]))

    def test_shows_one_of_the_servers_own_where_the_domains_doesnt_name_it(self):
        certificate.apply(self.domain)
        site_certificate.apply({**self.site, "mode": "acme"})
        self.assertEqual(self.shown(self.site), ["b.test", "www.b.test"])

    def test_leaves_nothing_that_is_secret_behind(self):
        certificate.apply(self.domain)
        site_certificate.apply(self.site)
        site_certificate.remove({name: value for name, value in self.site.items() if name != "site"})
        self.assertFalse(os.path.exists(pair.folder(self.site)))
        self.assertEqual(os.listdir(os.path.join(self.tls, "authority", "sites")), [])
        self.assertTrue(pair.usable(self.domain))

    def test_renews_whatever_becomes_of_another(self):
        self.replace(certificate, "LOG", self.path("renew.log"))
        self.write(self.replace(certificate, "SETTINGS", self.path("certificates.json")), json.dumps(self.domain))
        os.mkdir(self.replace(certificate, "SITES", self.path("certificates.d")))
        for spec in (self.site, {**self.site, "domain": "c.test", "mode": "acme"}):
            self.write(self.path("certificates.d", spec["domain"] + ".json"), json.dumps(spec))

        def refuse(spec, force):
            raise HostError("rateLimited")

        self.replace(certificate, "renewed", refuse)
        words = self.refused(certificate.renew, {})
        self.assertEqual(words, "c.test: rateLimited\na.test: renewed\nb.test: renewed")
        lines = [line.split(" ", 1)[1] for line in self.read(self.path("renew.log")).splitlines()]
        self.assertEqual(lines, ["a.test: renewed", "b.test: renewed", "c.test: failed: rateLimited"])

    def test_is_named_by_its_own_settings_when_its_authority_refuses(self):
        spec = {"directory": "https://ca.test/dir", "challenge": "http-01", "domain": "b.test", "site": True}
        said = acme_errors.explain("urn:ietf:params:acme:error:invalidContact :: no", spec, "")
        self.assertIn("Correct sites.b.test.certificate.email.", said)


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
