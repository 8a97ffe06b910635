import assert from "node:assert/strict";
import { checkCertificates } from "../../config/check/certificates.ts";
import { credentialsOf } from "../../config/dns-plugins.ts";
import { ConfigError } from "../../config/problems.ts";
import { isAcme } from "../../config/schema/certificates.ts";
import { anyAcme, siteCertificates } from "../../config/site-certificates.ts";
import { parsed } from "../support/settings.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const EMAIL = { email: "ops@maicivy.com" };

/** Paths of what is wrong with these settings of the certificate, with the remedy of each checked to be there. */
function problems(
  certificates: object,
  { domain = "maicivy.com", secrets = [] as string[], edge = {} } = {},
): string[] {
  const { config } = parsed({ domain, certificates, edge });
  const found = checkCertificates("prod", config, (name) => secrets.includes(name));
  for (const { message, remedy } of found) assert.ok(message && remedy);
  return found.map(({ path }) => path.replace("certificates.", ""));
}

describe("settings of the certificate", () => {
  it("give a certificate of the server's own until an e-mail address accepts an authority's terms", () => {
    assert.equal(isAcme(parsed().config.certificates), false);
    assert.equal(isAcme(parsed({ certificates: EMAIL }).config.certificates), true);
    assert.equal(
      isAcme(parsed({ certificates: { ...EMAIL, mode: "self-signed" } }).config.certificates),
      false,
    );
  });

  it("try a renewal twice a day, one of them at 03:00", () => {
    const { renewAt, renewDelay, directory, challenge } = parsed().config.certificates;
    assert.deepEqual(
      [renewAt, renewDelay, directory, challenge],
      [["03:00", "15:00"], 3600, "letsencrypt", "http-01"],
    );
  });

  it("accept what fits together", () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems(EMAIL), []);
    assert.deepEqual(problems({ ...EMAIL, directory: "letsencrypt-staging", root: PEM }), []);
    assert.deepEqual(
      problems({ ...EMAIL, directory: "https://ca.test/dir" }, { domain: "maicivy.test" }),
      [],
    );
  });

  const bad: [string, object, string[]][] = [
    ["an authority without an account", { mode: "acme" }, ["email"]],
    ["a wildcard by HTTP-01", { ...EMAIL, wildcard: true }, ["wildcard"]],
    ["names by HTTP-01 that the edge doesn't serve", { ...EMAIL, names: ["a.com"] }, ["names"]],
    ["DNS-01 without a plugin", { ...EMAIL, challenge: "dns-01" }, ["dns.plugin"]],
    ["DNS-01 without an account", { challenge: "dns-01" }, ["challenge"]],
    ["a staging environment that nothing trusts", { ...EMAIL, directory: "letsencrypt-staging" }, ["root"]],
  ];
  for (const [what, settings, expected] of bad)
    it(`refuse ${what}`, () => assert.deepEqual(problems(settings), expected));

  it("ask Let's Encrypt for no name that it can't certify", () => {
    for (const domain of ["maicivy.localhost", "maicivy.test", "box.home.arpa"])
      assert.deepEqual(problems(EMAIL, { domain }), ["directory"], domain);
    assert.deepEqual(problems(EMAIL, { domain: "mytest.com" }), []);
    const edge = { aliases: ["maicivy.fr", "maicivy.internal"] };
    assert.deepEqual(problems(EMAIL, { edge }), ["edge.aliases[1]"]);
    assert.deepEqual(problems({ ...EMAIL, directory: "https://ca.test/dir" }, { edge }), []);
    const dns = { challenge: "dns-01", dns: { plugin: "gandi" } };
    assert.deepEqual(problems({ ...EMAIL, ...dns, names: ["a.com", "*.a.test"] }), ["names[1]"]);
  });

  it("count for each site that has a certificate of its own", () => {
    const own = (certificate: object, stack: object = EMAIL): string[] => {
      const sites = { "other.com": { app: "api", certificate } };
      const { config } = parsed({ domain: "maicivy.com", certificates: stack, sites });
      return checkCertificates("prod", config, () => false).map(({ path }) => path);
    };
    const at = "sites.other.com.certificate";
    assert.deepEqual(own({}), []);
    assert.deepEqual(own({ mode: "acme" }, {}), [`${at}.email`]);
    assert.deepEqual(own({ directory: "letsencrypt" }, {}), [`${at}.directory`]);
    assert.deepEqual(own({ mode: "self-signed", root: PEM }), [`${at}.root`]);
    assert.deepEqual(own({ mode: "self-signed", wildcard: true }), []);
    assert.deepEqual(own({ wildcard: true }), [`${at}.wildcard`]);
    assert.deepEqual(own({ names: ["a.com"] }), [`${at}.names`]);
    assert.deepEqual(own({ directory: "letsencrypt-staging" }), [`${at}.root`]);
    assert.deepEqual(own({ challenge: "dns-01" }), [`${at}.dns.plugin`]);
    assert.equal(
      own({ challenge: "dns-01", dns: { plugin: "ovh" } })[0],
      `${at}.dns.secrets.dns_ovh_application_key`,
    );
    const shared = (certificate?: object): string[] => {
      const sites = { "other.test": { app: "api", certificate } };
      const { config } = parsed({ domain: "maicivy.com", certificates: EMAIL, sites });
      return checkCertificates("prod", config, () => false).map(({ path }) => path);
    };
    assert.deepEqual(shared(), ["sites.other.test"]);
    assert.deepEqual(shared({ mode: "self-signed" }), []);
    const local = { "other.test": { app: "api", certificate: EMAIL } };
    const { config } = parsed({ sites: local });
    assert.deepEqual(
      checkCertificates("prod", config, () => false).map(({ path }) => path),
      ["sites.other.test.certificate.directory"],
    );
  });

  it("refuse a second account with one directory, which certbot would never use", () => {
    const problem = (certificate: object): string[] => {
      const sites = { "other.com": { app: "api", certificate } };
      const { config } = parsed({ domain: "maicivy.com", certificates: EMAIL, sites });
      return checkCertificates("prod", config, () => false).map(({ path, message }) => `${path}: ${message}`);
    };
    assert.match(
      problem({ email: "me@other.com" }).join(),
      /^sites\.other\.com\.certificate\.email: expected ops@/,
    );
    assert.deepEqual(problem({ email: EMAIL.email }), []);
    assert.deepEqual(problem({ email: "me@other.com", directory: "https://ca.test/dir" }), []);
  });

  it("of a site are the stack's where it says nothing, but for names and the trust of another directory", () => {
    const own = (certificate: object, stack: object): Record<string, unknown> => {
      const sites = { "other.test": { app: "api", certificate } };
      return { ...siteCertificates(parsed({ certificates: stack, sites }).config)[0]!.settings };
    };
    const dns = { challenge: "dns-01", dns: { plugin: "ovh" }, wildcard: true, names: ["a.test"] };
    const stack = { ...EMAIL, ...dns, directory: "https://ca.test/dir", caCertificate: PEM, root: PEM };
    const same = own({}, stack);
    assert.deepEqual(
      [same.email, same.challenge, same.wildcard, same.names, same.root, same.caCertificate],
      [EMAIL.email, "dns-01", false, [], PEM, PEM],
    );
    const other = own({ directory: "letsencrypt", challenge: "http-01" }, stack);
    assert.deepEqual(
      [other.directory, other.challenge, other.root, other.caCertificate],
      ["letsencrypt", "http-01", undefined, undefined],
    );
    assert.equal(isAcme(own(EMAIL, { mode: "self-signed" })), true);
    assert.equal(isAcme(own({ mode: "self-signed" }, EMAIL)), false);
    assert.equal(isAcme(own({}, {})), false);
    assert.equal(
      anyAcme(parsed({ sites: { "other.test": { app: "api", certificate: EMAIL } } }).config),
      true,
    );
    assert.equal(anyAcme(parsed({ sites: { "other.test": { app: "api" } } }).config), false);
  });

  it("name each secret of a plugin that isn't set", () => {
    const dns = (plugin: string, more = {}): object => ({
      ...EMAIL,
      challenge: "dns-01",
      dns: { plugin, ...more },
    });
    assert.equal(problems(dns("ovh")).length, 3);
    assert.deepEqual(problems(dns("route53"), { secrets: ["AWS_ACCESS_KEY_ID"] }), [
      "dns.secrets.aws_secret_access_key",
    ]);
    assert.deepEqual(problems(dns("gandi", { secrets: { dns_gandi_token: "GANDI_TOKEN" } })), [
      "dns.secrets.dns_gandi_token",
    ]);
  });

  it("let a plain value or another secret take the place of a plugin's own", () => {
    const { certificates } = parsed({
      certificates: {
        dns: {
          plugin: "ovh",
          settings: { dns_ovh_endpoint: "ovh-ca", dns_ovh_application_key: "public" },
          secrets: { dns_ovh_consumer_key: "OTHER" },
        },
      },
    }).config;
    assert.deepEqual(credentialsOf(certificates.dns), {
      settings: { dns_ovh_endpoint: "ovh-ca", dns_ovh_application_key: "public" },
      secrets: { dns_ovh_application_secret: "OVH_APPLICATION_SECRET", dns_ovh_consumer_key: "OTHER" },
    });
  });

  for (const [setting, value] of Object.entries({
    email: "nobody",
    directory: "http://ca.test/dir",
    caCertificate: "/etc/ssl/ca.pem",
    renewAt: ["3 am"],
    names: ["*"],
    dns: { plugin: "ovh", settings: { dns_ovh_endpoint: "ovh-eu\nother = 1" } },
  })) {
    it(`refuse ${JSON.stringify(value)} as ${setting}`, () => {
      assert.throws(
        () => parsed({ certificates: { [setting]: value } }),
        (error: unknown) =>
          error instanceof ConfigError && error.problems[0]!.path.startsWith(`certificates.${setting}`),
      );
    });
  }
});
