import assert from "node:assert/strict";
import type { UpResult } from "../../automation/verbs/up.ts";
import { AcmeServer, shown } from "./support/acme.ts";
import { boxAt } from "./support/server.ts";
import { world } from "./support/stack.ts";
import { everything } from "../support/everything.ts";

const STACK = "fresh";
const DOMAIN = "fresh.maicivy.localhost";

/** A third stack, on a box of its own, that asks an authority for its certificate from the first update on. */
describe("the first certificate of a new server", function () {
  this.timeout(300_000);
  const acme = new AcmeServer(DOMAIN, "127.0.0.1");
  let ports: { https: number };
  const site = (): URL => new URL(`https://${DOMAIN}:${ports.https}`);

  before("an ACME server, and a stack that isn't up yet", async () => {
    await world.ready();
    await acme.start();
    world.project.write(`Pulumi.${STACK}.yaml`, world.project.read("Pulumi.staging.yaml"));
    const certificates = {
      email: "ops@maicivy.test",
      caCertificate: await acme.caCertificate(),
      directory: acme.directory("long"),
      root: await acme.root("long"),
    };
    world.project.edit(STACK, (document) => {
      document.setIn(["config", "fairlead:domain"], DOMAIN);
      document.setIn(["config", "fairlead:certificates"], certificates);
    });
    ports = await world.project.freePorts(STACK);
  });

  after("the stack down", async () => {
    const down = async (): Promise<void> => {
      const { exitCode, stdout, stderr } = await world.project.run("down", "--stack", STACK, "--yes");
      assert.equal(exitCode, 0, stdout + stderr);
    };
    await everything(down, () => acme.remove());
  });

  it("isn't there while the domain leads elsewhere, and the edge shows one of the server's own", async () => {
    const { exitCode, stdout, stderr } = await world.project.run("up", "--stack", STACK);
    assert.notEqual(exitCode, 0);
    assert.match(stdout + stderr, /issued no certificate: connection[^]*What to do: Open port 80/);
    const { trusted, certificate } = await shown(site());
    assert.deepEqual(
      [trusted, certificate.issuer.CN],
      ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", `fairlead ${DOMAIN}`],
    );
  });

  it("comes with the next update, through the edge that started without it", async () => {
    const { NetworkSettings: settings } = await boxAt(ports.https);
    await acme.pointTo(settings.Networks["fairlead"]!.IPAddress);
    const { exitCode, stdout, stderr } = await world.project.run("up", "--stack", STACK);
    assert.equal(exitCode, 0, stdout + stderr);
    const { trusted, certificate } = await shown(site(), await acme.root("long"));
    assert.equal(trusted, true);
    const names = ["", "www.", "analytics."].map((prefix) => `DNS:${prefix}${DOMAIN}`);
    assert.deepEqual(certificate.subjectaltname!.split(", ").sort(), names.sort());
  });

  it("leaves nothing to do then", async () => {
    const { stdout, stderr } = await world.project.run("up", "--stack", STACK, "--json");
    assert.equal((JSON.parse(stdout) as UpResult).changed, 0, stderr);
  });
});
