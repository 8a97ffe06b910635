import assert from "node:assert/strict";
import { AcmeServer, shown } from "./support/acme.ts";
import { addressesOn } from "./support/box.ts";
import { changesIn } from "./support/changes.ts";
import { world } from "./support/stack.ts";
import { everything } from "../support/everything.ts";

const TLS = "/opt/maicivy/tls";

/** Sites whose certificates are their own, on staging's box, from a real ACME server beside it. */
describe("certificates of sites", function () {
  this.timeout(300_000);
  let acme: AcmeServer;
  let own: Record<string, unknown>;
  let root: string;
  let domain: URL;
  let shop: URL;
  let refused: URL;
  let ofDomain: string;

  before("an ACME server beside the box", async function () {
    this.timeout(900_000);
    await world.ready();
    // Those that it has are with the servers of other files, which are gone; this one has the same address.
    await world.ssh(["rm", "-rf", "/etc/letsencrypt/accounts"]);
    domain = new URL(world.staging.url);
    shop = new URL(world.staging.url.replace("://", "://shop."));
    refused = new URL(world.staging.url);
    refused.hostname = "refused.test";
    acme = new AcmeServer(domain.hostname, (await addressesOn("fairlead")).v4);
    await acme.start();
    root = await acme.root("long");
    const caCertificate = await acme.caCertificate();
    own = { email: "ops@maicivy.test", directory: acme.directory("long"), caCertificate, root };
    ofDomain = await serial(domain);
  });

  after("without them again", async () => {
    await everything(
      () => world.ready(),
      () => acme?.remove(),
    );
  });

  async function declare(certificates: Record<string, object>): ReturnType<typeof world.pulumiUp> {
    world.project.edit("staging", (document) => {
      const sites = Object.entries(certificates).map(([name, certificate]) => [
        name,
        { app: "frontend", certificate },
      ]);
      document.setIn(["config", "fairlead:sites"], document.createNode(Object.fromEntries(sites)));
    });
    return world.pulumiUp();
  }

  const serial = async (url: URL): Promise<string> => (await shown(url)).certificate.serialNumber;

  it("are issued beside the domain's, which stays as it is", async () => {
    const { exitCode, stdout, stderr } = await declare({ [shop.hostname]: own });
    assert.equal(exitCode, 0, stdout + stderr);
    const { certificate, trusted } = await shown(shop, root);
    assert.equal(trusted, true);
    const names = [shop.hostname, `www.${shop.hostname}`];
    assert.equal(certificate.subjectaltname, names.map((name) => `DNS:${name}`).join(", "));
    assert.equal((await shown(new URL(shop.href.replace("://", "://www.")), root)).trusted, true);
    assert.equal(await serial(domain), ofDomain);
    const key = await world.ssh(["stat", "-L", "-c", "%a", `${TLS}/edge/sites/${shop.hostname}/privkey.pem`]);
    assert.equal(key.stdout, "640");
    const timers = await world.ssh(["systemctl", "is-active", "certbot.timer", "fairlead-renew.timer"]);
    assert.equal(timers.stdout, "active\ninactive");
    const again = await world.pulumiUp();
    assert.deepEqual([again.exitCode, changesIn(again.stdout)], [0, []], again.stdout);
  });

  it("hold up no other one when their authority refuses, at an order and at a renewal", async () => {
    const first = await serial(shop);
    const { exitCode, stdout } = await declare({ [shop.hostname]: own, [refused.hostname]: own });
    assert.notEqual(exitCode, 0);
    assert.match(stdout, /issued no certificate: rejectedIdentifier/);
    assert.deepEqual([await serial(shop), await serial(domain)], [first, ofDomain]);
    // The edge serves it with a certificate of the server's own meanwhile.
    const { certificate } = await shown(refused);
    assert.match(certificate.subjectaltname!, /DNS:refused\.test/);

    const renewed = await world.project.run("renew", "--force");
    assert.notEqual(renewed.exitCode, 0);
    assert.match(renewed.stderr, /refused\.test: \S+ issued no certificate: rejectedIdentifier/);
    assert.notEqual(await serial(shop), first);
    assert.notEqual(await serial(domain), ofDomain);
    ofDomain = await serial(domain);
    const { stdout: log } = await world.ssh(["tail", "-n", "3", "/var/log/ssl-renew.log"]);
    for (const line of [`${domain.hostname}: renewed`, `${shop.hostname}: renewed`, "refused.test: failed: "])
      assert.ok(log.includes(line), log);
  });

  it("go with the setting, and the domain's stays", async () => {
    await world.ready();
    assert.equal(await serial(domain), ofDomain);
    const { stdout } = await world.ssh(["find", TLS, "/etc/fairlead"]);
    assert.match(stdout, /\/privkey\.pem$/m);
    assert.doesNotMatch(stdout, /shop\.|refused\.test/);
    const looked = await world.project.run("drift", "--stack", "staging");
    assert.equal(looked.exitCode, 0, looked.stdout + looked.stderr);
  });
});
