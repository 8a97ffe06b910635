import assert from "node:assert/strict";
import { AcmeServer, shown } from "./support/acme.ts";
import { addressesOn, onConsole, until } from "./support/box.ts";
import { Client, Load } from "./support/client.ts";
import { DnsApi, type Provider } from "./support/dns-api.ts";
import { Ovh } from "./support/ovh.ts";
import { Route53 } from "./support/route53.ts";
import { world } from "./support/stack.ts";
import { everything } from "../support/everything.ts";
import { changesIn } from "./support/changes.ts";

const TLS = "/opt/maicivy/tls";
const FILES = [TLS, `${TLS}/authority`, `${TLS}/authority/ca.key`, `${TLS}/edge/privkey.pem`];

/** Where a server keeps authorities that it trusts beside the public ones, and all of them together. */
const [API_CA, TRUSTED] = [
  "/usr/local/share/ca-certificates/dns-api.crt",
  "/etc/ssl/certs/ca-certificates.crt",
];

/** Plugins, the secret that signs their requests, and their words when it is a wrong one. */
const PLUGINS = [
  { plugin: "ovh", Api: Ovh, signs: "OVH_APPLICATION_SECRET", refusal: /Application Secret value correct/ },
  { plugin: "route53", Api: Route53, signs: "AWS_SECRET_ACCESS_KEY", refusal: /SignatureDoesNotMatch/ },
] as const;

/** Certificates on staging's box, from a real ACME server beside it; at the end staging is as it was. */
describe("certificates", () => {
  let acme: AcmeServer;
  let site: URL;
  let common: Record<string, unknown>;
  const roots = { long: "", short: "" };

  before("an ACME server beside the box", async function () {
    this.timeout(900_000);
    await world.ready();
    site = new URL(world.staging.url);
    acme = new AcmeServer(site.hostname, (await addressesOn("fairlead")).v4);
    await acme.start();
    common = { email: "ops@maicivy.test", caCertificate: await acme.caCertificate() };
    for (const life of ["long", "short"] as const) roots[life] = await acme.root(life);
  });

  after("the stack's own certificate again", async function () {
    this.timeout(300_000);
    await everything(
      () => world.ready(),
      () => acme?.remove(),
    );
  });

  /** Declares a certificate and updates the stack; `undefined` for what staging had before. */
  async function declare(
    certificates: Record<string, unknown> | undefined,
    aliases: string[] = [],
  ): ReturnType<typeof world.pulumiUp> {
    world.project.edit("staging", (document) => {
      if (certificates) document.setIn(["config", "fairlead:certificates"], { ...common, ...certificates });
      else document.deleteIn(["config", "fairlead:certificates"]);
      if (aliases.length > 0) document.setIn(["config", "fairlead:edge", "aliases"], aliases);
      else document.deleteIn(["config", "fairlead:edge", "aliases"]);
    });
    return world.pulumiUp();
  }

  const from = (life: "long" | "short"): Record<string, unknown> => ({
    directory: acme.directory(life),
    root: roots[life],
  });
  const fairlead = (call: string, input: object = {}): ReturnType<typeof world.ssh> =>
    world.ssh(["fairlead", ...call.split(" ")], JSON.stringify(input));
  const serial = async (ca?: string): Promise<string> => (await shown(site, ca)).certificate.serialNumber;
  const names = async (): Promise<string[]> =>
    (await shown(site)).certificate.subjectaltname!.split(", ").map((name) => name.replace("DNS:", ""));

  describe("of the server's own", () => {
    it("are from an authority that is good for this domain only, with a key that only the edge reads", async () => {
      const { stdout } = await world.ssh(["openssl", "x509", "-noout", "-text"], world.staging.certificate!);
      assert.match(stdout, /Name Constraints: critical\s+Permitted:\s+DNS:staging\.maicivy\.localhost\n/);
      const modes = await world.ssh(["stat", "-L", "-c", "%a %n", ...FILES]);
      assert.equal(modes.stdout, FILES.map((file, at) => `${[700, 700, 600, 640][at]} ${file}`).join("\n"));
    });

    it("renew by a timer, and visitors trust what they trusted", async () => {
      const timer = await world.ssh(["systemctl", "is-active", "fairlead-renew.timer"]);
      assert.equal(timer.stdout, "active");
      const before = await serial();
      assert.equal((await world.ssh(["systemctl", "start", "fairlead-renew.service"])).exitCode, 0);
      assert.equal(await serial(), before, "not due");
      const rehearsed = await world.project.run("renew", "--dry-run");
      assert.equal(rehearsed.stdout, "staging: the rehearsal of a renewal passed.", rehearsed.stderr);
      assert.equal(await serial(), before, "rehearsed");
      const ran = await world.project.run("renew", "--force", "--json");
      assert.deepEqual(JSON.parse(ran.stdout), { stack: "staging", did: "renewed", changed: true });
      assert.notEqual(await serial(), before);
      assert.equal((await shown(site, world.staging.certificate)).trusted, true);
      const { stdout } = await world.ssh(["tail", "-n", "3", "/var/log/ssl-renew.log"]);
      assert.match(stdout, /^\S+Z not due\n\S+Z the rehearsal of a renewal passed\n\S+Z renewed$/);
    });
  });

  describe("by HTTP-01", () => {
    it("are issued through the running edge, one for all names, without a failed request", async function () {
      this.timeout(300_000);
      const load = new Load(world.client, "/api/release");
      const { exitCode, stdout, stderr } = await declare(from("long"));
      // The connections of before go on; new ones would have to trust the new root.
      const { failures, count } = await load.stop();
      assert.equal(exitCode, 0, stdout + stderr);
      assert.deepEqual(
        [failures.filter((text) => !/certificate/.test(text)).slice(0, 5), count > 100],
        [[], true],
      );
      assert.equal((await shown(site, roots.long)).trusted, true);
      const all = ["", "www.", "analytics."].map((prefix) => prefix + site.hostname);
      assert.deepEqual((await names()).sort(), all.sort());
      const timers = await world.ssh(["systemctl", "is-active", "certbot.timer", "fairlead-renew.timer"]);
      assert.equal(timers.stdout, "active\ninactive");
    });

    it("are not issued again while they are good, and the update has nothing to do", async () => {
      const before = await serial();
      const { exitCode, stdout } = await world.pulumiUp();
      assert.deepEqual([exitCode, changesIn(stdout)], [0, []], stdout);
      assert.equal((await world.ssh(["systemctl", "start", "certbot.service"])).exitCode, 0);
      assert.equal((await fairlead("certificate-order apply", await settings())).stdout, '{"issued": false}');
      assert.equal(await serial(), before);
    });

    it("pass the rehearsal of a renewal", async () => {
      const ran = await world.project.run("renew", "--dry-run");
      assert.equal(ran.stdout, "staging: the rehearsal of a renewal passed.", ran.stderr);
    });

    it("reach the edge also when certbot itself renews on the server", async () => {
      const before = await serial();
      const certbot = ["certbot", "renew", "--force-renewal", "--no-random-sleep-on-renew"];
      const trust = "REQUESTS_CA_BUNDLE=/var/lib/fairlead/acme-bundle.pem";
      const run = (): ReturnType<typeof onConsole> => onConsole(["env", trust, ...certbot]);
      let ran = await run();
      // Pebble refuses one nonce in twenty on purpose; a person would type it again.
      for (let times = 0; times < 4 && /badNonce/.test(ran.all ?? ""); times++) ran = await run();
      assert.equal(ran.exitCode, 0, ran.all);
      assert.notEqual(await serial(), before);
      assert.equal((await shown(site, roots.long)).trusted, true);
    });

    it("never become a pair that doesn't fit", async () => {
      const before = await serial();
      const live = `/etc/letsencrypt/live/${site.hostname}/privkey.pem`;
      await world.ssh(["mv", live, `${live}.kept`]);
      await world.ssh([
        "openssl",
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        live,
      ]);
      const refused = await fairlead("certificate install", await settings());
      await world.ssh(["mv", `${live}.kept`, live]);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, /privkey\.pem is not the key of /);
      assert.equal(await serial(), before);
      assert.equal((await fairlead("certificate install", await settings())).stdout, '{"changed": false}');
    });

    it("renew under load without a failed request, and are issued again after they expired", async function () {
      this.timeout(300_000);
      const { exitCode, stdout, stderr } = await declare(from("short"));
      assert.equal(exitCode, 0, stdout + stderr);
      await expired();
      assert.match(String((await shown(site, roots.short)).trusted), /EXPIRED/);
      const before = await serial();
      const again = await fairlead("certificate renew");
      assert.match(again.stderr, /the present one expired/);
      assert.equal((await shown(site, roots.short)).trusted, true);
      const key = (await shown(site)).certificate.pubkey;
      const outputs = { ...world.staging, certificate: roots.short };
      const [kept, fresh] = [new Client(outputs), new Client(outputs, { keepAlive: false })];
      const loads = [new Load(kept, "/api/release"), new Load(fresh, "/api/release", 2)];
      const serials = new Set([before]);
      for (let times = 0; times < 2; times++) {
        await new Promise((resolve) => setTimeout(resolve, 20_500));
        assert.equal((await world.ssh(["systemctl", "start", "certbot.service"])).exitCode, 0);
        serials.add(await serial());
        // With the key of before, certificate and key fit at every moment (decision 0018).
        assert.deepEqual((await shown(site)).certificate.pubkey, key);
      }
      for (const load of loads) {
        const { failures, count } = await load.stop();
        assert.deepEqual([failures.slice(0, 5), count > 200], [[], true], `${count} requests`);
      }
      [kept, fresh].forEach((client) => client.close());
      assert.equal(serials.size, 3, "two renewals");
    });

    it("stay as they were when they can't be renewed, and say why", async function () {
      this.timeout(300_000);
      const before = await serial();
      await acme.pointTo("127.0.0.1");
      const elsewhere = await declare(from("long")).finally(() => acme.pointTo());
      assert.notEqual(elsewhere.exitCode, 0);
      assert.match(elsewhere.stdout, /issued no certificate: connection/);
      assert.match(elsewhere.stdout, /Detail: .*connection refused/);
      assert.match(elsewhere.stdout, /What the edge showed before stays[^]*What to do: Open port 80/);
      assert.equal(await serial(), before);

      const refused = await declare(from("long"), ["refused.test"]);
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.stdout, /issued no certificate: rejectedIdentifier/);
      assert.match(refused.stdout, /What to do: The authority doesn't issue for this name/);
      const { stdout } = await world.ssh(["cat", "/var/log/letsencrypt/letsencrypt.log"]);
      assert.match(stdout, /rejectedIdentifier/, "the directory's own words");
    });

    it("aren't asked for when the edge doesn't answer the challenge", async () => {
      const broken = { ...(await settings()), webroot: "/var/www/elsewhere" };
      const { exitCode, stderr } = await fairlead("certificate-order apply", broken);
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        /the edge doesn't serve \/var\/www\/elsewhere for .* expected 200, found 404; the directory was not asked/,
      );
    });
  });

  describe("by DNS-01", () => {
    it("name everything below the domain", async function () {
      this.timeout(300_000);
      const { secret, ...key } = await acme.dnsKey();
      await world.project.pulumi(["config", "set", "--secret", "DNS_KEY", "--stack", "staging"], secret);
      const parameters = Object.entries(key).map(([name, value]) => [`dns_rfc2136_${name}`, value]);
      const dns = {
        plugin: "rfc2136",
        propagation: "2 s",
        settings: Object.fromEntries(parameters) as Record<string, string>,
        secrets: { dns_rfc2136_secret: "DNS_KEY" },
      };
      const { exitCode, stdout, stderr } = await declare({
        ...from("long"),
        challenge: "dns-01",
        wildcard: true,
        dns,
      });
      assert.equal(exitCode, 0, stdout + stderr);
      assert.ok(!(stdout + stderr).includes(secret));
      assert.deepEqual(await names(), [site.hostname, `*.${site.hostname}`]);
      const file = await world.ssh(["stat", "-c", "%a %U", "/etc/fairlead/dns.ini"]);
      assert.equal(file.stdout, "600 root");
    });

    describe("over a provider's API", () => {
      const providers: Record<string, Provider> = {};
      let api: DnsApi;
      let trusted = "";

      before("APIs that change the zone, and that the box takes for the providers'", async function () {
        this.timeout(120_000);
        const parent = site.hostname.slice(site.hostname.indexOf(".") + 1);
        for (const { plugin, Api } of PLUGINS)
          providers[plugin] = new Api(parent, (...change) => acme.publish(...change));
        trusted = (await world.ssh(["sha256sum", TRUSTED])).stdout;
        api = new DnsApi(Object.values(providers));
        await api.start();
        await world.ssh(["tee", API_CA], api.certificate);
        assert.equal((await world.ssh(["update-ca-certificates"])).exitCode, 0);
      });

      after("trust in the public authorities only, and no secrets", async function () {
        this.timeout(120_000);
        await everything(
          () => api?.remove(),
          () => world.ssh(["rm", "-f", API_CA]),
          () => world.ssh(["update-ca-certificates", "--fresh"]),
          () => world.ready(),
        );
        assert.equal((await world.ssh(["sha256sum", TRUSTED])).stdout, trusted);
      });

      async function store(secrets: Record<string, string>): Promise<void> {
        for (const [name, value] of Object.entries(secrets))
          await world.project.pulumi(["config", "set", "--secret", name, "--stack", "staging"], value);
      }

      for (const { plugin, signs, refusal } of PLUGINS) {
        it(`are issued with records that ${plugin} sets and removes, not with a wrong key`, async function () {
          this.timeout(300_000);
          const { credentials } = providers[plugin]!;
          api.log.length = 0;
          // A name of its own makes it due; it has a record of its own.
          const deeper = `one.${plugin}.${site.hostname}`;
          const wanted = {
            ...from("long"),
            challenge: "dns-01",
            wildcard: true,
            names: [deeper],
            dns: { plugin, propagation: "1 s" },
          };
          const before = await serial();
          await store({ ...credentials, [signs]: "0123456789abcdef0123456789abcdef" });
          const refused = await declare(wanted);
          assert.notEqual(refused.exitCode, 0);
          assert.match(refused.stdout, refusal);
          assert.match(refused.stdout, /What the edge showed before stays/);
          assert.match(refused.stdout, new RegExp(`What to do: Check what the DNS plugin ${plugin} needs`));
          assert.equal(await serial(), before);

          await store({ [signs]: credentials[signs]! });
          const { exitCode, stdout, stderr } = await declare(wanted);
          assert.equal(exitCode, 0, [stdout, stderr, ...api.log].join("\n"));
          assert.notEqual(await serial(), before);
          assert.equal((await shown(site, roots.long)).trusted, true);
          assert.deepEqual((await names()).sort(), [site.hostname, `*.${site.hostname}`, deeper].sort());
          for (const name of [site.hostname, deeper])
            await until(`the end of the record of ${name}`, 10, async () => {
              return (await acme.txt(`_acme-challenge.${name}`)).length === 0;
            });
          const said = [refused.stdout, refused.stderr, stdout, stderr].join("\n");
          for (const value of Object.values(credentials)) assert.ok(!said.includes(value));
        });
      }
    });
  });

  describe("given up", () => {
    it("go back to the server's own, with the same authority as before", async function () {
      this.timeout(300_000);
      const { exitCode, stdout, stderr } = await declare(undefined);
      assert.equal(exitCode, 0, stdout + stderr);
      assert.equal((await shown(site, world.staging.certificate)).trusted, true);
      // The first one may repair what the tests did past it.
      await world.up();
      assert.equal((await world.up()).changed, 0);
    });
  });

  async function settings(): Promise<Record<string, unknown>> {
    const { stdout } = await world.ssh(["cat", "/etc/fairlead/certificates.json"]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** Waits until what the edge shows has ended. */
  async function expired(): Promise<void> {
    const { certificate } = await shown(site);
    const left = Date.parse(certificate.valid_to) - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, left) + 1500));
  }
});
