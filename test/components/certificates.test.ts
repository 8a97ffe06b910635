import assert from "node:assert/strict";
import { certificateNames } from "../../components/certificates/names.ts";
import {
  certificateFiles,
  certificatePackages,
  certificateSettings,
  credentialsFile,
  ownFiles,
  renewalUnit,
  type Certified,
} from "../../components/certificates/render.ts";
import { parsed } from "../support/settings.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";

function certified(certificates: object = {}): Certified {
  const { domain, certificates: settings } = parsed({ certificates }).config;
  return { settings, domain, names: [domain], tls: "/opt/maicivy/tls", container: "maicivy_nginx" };
}

const text = (files: ReturnType<typeof certificateFiles>, ending: string): string => {
  const found = files.find(({ path }) => path.endsWith(ending));
  assert.ok(found, `${ending} among ${files.map(({ path }) => path).join(", ")}`);
  return found.content as string;
};

describe("the names in the certificate", () => {
  const names = (served: string[], wildcard = false, more: string[] = []): string[] =>
    certificateNames(served, { domain: "a.test", certificates: { wildcard, names: more } });

  it("are all that the edge serves, the domain first, none twice (T2)", () => {
    assert.deepEqual(names(["www.a.test", "a.test", "b.test", "www.a.test"]), [
      "a.test",
      "www.a.test",
      "b.test",
    ]);
  });

  it("leave to a wildcard what it covers, and only that", () => {
    assert.deepEqual(names(["a.test", "www.a.test", "x.y.a.test", "ba.test"], true, ["*.y.a.test"]), [
      "a.test",
      "*.a.test",
      "x.y.a.test",
      "ba.test",
      "*.y.a.test",
    ]);
  });
});

describe("what the server gets for its certificate", () => {
  it("is no package for one of its own, and certbot with its plugin for an authority's", () => {
    assert.deepEqual(certificatePackages(certified().settings), []);
    assert.deepEqual(certificatePackages(certified({ email: "a@b.test" }).settings), [
      "certbot",
      "logrotate",
    ]);
    const dns = { email: "a@b.test", challenge: "dns-01", dns: { plugin: "ovh" } };
    assert.deepEqual(certificatePackages(certified(dns).settings).at(-1), "python3-certbot-dns-ovh");
  });

  it("is a timer at the declared times, called as Debian calls certbot's (T9–T11)", () => {
    const unit = renewalUnit(certified({ email: "a@b.test", renewAt: ["03:00"], renewDelay: "0 s" }));
    assert.deepEqual([unit.name, unit.enabled, unit.running], ["certbot.timer", true, true]);
    assert.match(unit.timer!, /^OnCalendar=\*-\*-\* 03:00:00\nRandomizedDelaySec=0\nPersistent=yes$/m);
    assert.match(unit.service!, /^ExecStart=\/usr\/local\/bin\/fairlead certificate renew$/m);
    const own = renewalUnit(certified());
    assert.equal(own.name, "fairlead-renew.timer");
    assert.match(own.timer!, /03:00:00\nOnCalendar=.*15:00:00/);
  });

  it("is rotated logs and, for an authority, a hook for renewals by hand", () => {
    assert.match(
      text(certificateFiles(certified()), "/fairlead-certificate"),
      /^\/var\/log\/ssl-renew\.log \{/m,
    );
    assert.ok(!certificateFiles(certified()).some(({ path }) => path.includes("letsencrypt")));
    assert.match(
      text(certificateFiles(certified({ email: "a@b.test" })), "/deploy/fairlead"),
      /^#!\/bin\/sh/,
    );
  });

  it("names directories by their addresses, and trusts a private one by its own certificate", () => {
    const settings = (more: object): Record<string, unknown> =>
      certificateSettings(certified({ email: "a@b.test", ...more }));
    assert.equal(settings({}).directory, "https://acme-v02.api.letsencrypt.org/directory");
    const own = { directory: "https://ca.test/dir", caCertificate: PEM };
    assert.deepEqual(
      [settings(own).directory, settings(own).ca],
      ["https://ca.test/dir", "/etc/fairlead/acme-ca.pem"],
    );
    assert.equal(
      text(certificateFiles(certified({ email: "a@b.test", ...own })), "/acme-ca.pem"),
      `${PEM}\n`,
    );
  });
});

describe("what the server gets for the own certificate of a site", () => {
  const own = (certificates: object): Certified => ({
    ...certified(certificates),
    domain: "other.test",
    site: true,
  });

  it("is in files of its own, and says so", () => {
    const dns = { challenge: "dns-01", dns: { plugin: "ovh" } };
    const site = own({ email: "a@b.test", directory: "https://ca.test/dir", caCertificate: PEM, ...dns });
    assert.deepEqual(
      ownFiles(site).map(({ path }) => path),
      ["/etc/fairlead/certificates.d/other.test.json", "/etc/fairlead/acme-ca-other.test.pem"],
    );
    const { credentials, ca, site: marked } = certificateSettings(site);
    assert.deepEqual(
      [credentials, ca, marked],
      ["/etc/fairlead/dns-other.test.ini", "/etc/fairlead/acme-ca-other.test.pem", true],
    );
    assert.equal(credentialsFile(site.settings.dns, () => "x", "other.test").path, credentials);
  });

  it("has certbot's timer and hook also where the domain's is the server's own", () => {
    assert.equal(renewalUnit(certified(), true).name, "certbot.timer");
    assert.ok(certificateFiles(certified(), true).some(({ path }) => path.includes("letsencrypt")));
  });
});

describe("the credentials file of a DNS plugin", () => {
  const file = (dns: object): { content: string; mode: string } =>
    credentialsFile(
      parsed({ certificates: { dns } }).config.certificates.dns,
      (name) => `<${name}>`,
    ) as never;

  it("is what certbot's OVH plugin reads, for root alone", () => {
    const { content, mode } = file({ plugin: "ovh" });
    assert.equal(mode, "0600");
    assert.equal(
      content,
      [
        "dns_ovh_application_key = <OVH_APPLICATION_KEY>",
        "dns_ovh_application_secret = <OVH_APPLICATION_SECRET>",
        "dns_ovh_consumer_key = <OVH_CONSUMER_KEY>",
        "dns_ovh_endpoint = ovh-eu\n",
      ].join("\n"),
    );
  });

  it("is AWS's own file for Route 53", () => {
    assert.match(
      file({ plugin: "route53" }).content,
      /^\[default\]\naws_access_key_id = <AWS_ACCESS_KEY_ID>\n/,
    );
  });

  it("quotes what certbot would read as a list, a comment or a quotation, and nothing of AWS's", () => {
    const line = (plugin: string, value: string): string | undefined => {
      const dns = { plugin, settings: {}, secrets: { dns_gehirn_api_secret: "KEY" } };
      const { content } = credentialsFile(
        parsed({ certificates: { dns } }).config.certificates.dns,
        () => value,
      );
      return /^dns_gehirn_api_secret = (.*)$/m.exec(content as string)?.[1];
    };
    const written = {
      "a#b": '"a#b"',
      "a,b": '"a,b"',
      " a": '" a"',
      'a"b': "'a\"b'",
      "a'b": '"a\'b"',
      "a'b\"": "'''a'b\"'''",
      "a=b/c+%\\": "a=b/c+%\\",
    };
    for (const [value, text] of Object.entries(written)) {
      assert.equal(line("gehirn", value), text);
      assert.equal(line("route53", value), value);
    }
    assert.throws(
      () => line("gehirn", `a'''b"""`),
      /^Error: A secret of certificates\.dns holds every kind of quotes/,
    );
  });
});
