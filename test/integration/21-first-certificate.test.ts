import assert from "node:assert/strict";
import type { UpResult } from "../../automation/up.ts";
import { AcmeServer, shown } from "./support/acme.ts";
import { until } from "./support/box.ts";
import { boxAt } from "./support/server.ts";
import { world } from "./support/stack.ts";

const STACK = "fresh";
const DOMAIN = "fresh.maicivy.localhost";

/** A third stack, on a box of its own, that asks an authority for its certificate from the first update on. */
describe("the first certificate of a new server", function () {
  this.timeout(300_000);
  // Nobody knows where the box will be.
  const acme = new AcmeServer(DOMAIN, "127.0.0.1");
  let ports: { https: number };

  before("an ACME server, and a stack that nobody has brought up yet", async () => {
    await acme.start();
    world.project.write(`Pulumi.${STACK}.yaml`, world.project.read("Pulumi.staging.yaml"));
    const certificates = {
      ...{ email: "ops@maicivy.test", caCertificate: await acme.caCertificate() },
      ...{ directory: acme.directory("long"), root: await acme.root("long") },
    };
    world.project.edit(STACK, (document) => {
      document.setIn(["config", "fairlead:domain"], DOMAIN);
      document.setIn(["config", "fairlead:certificates"], certificates);
    });
    ports = await world.project.freePorts(STACK);
  });

  after("the stack down", async () => {
    const { exitCode, stdout, stderr } = await world.project.run("down", "--stack", STACK, "--yes");
    await acme.remove();
    assert.equal(exitCode, 0, stdout + stderr);
  });

  it("comes with the first update, through an edge that started without it", async () => {
    const running = world.project.run("up", "--stack", STACK, "--json");
    await until("the box's address", 120, async () => {
      const box = await boxAt(ports.https).catch(() => undefined);
      const address = box?.NetworkSettings.Networks["fairlead"]?.IPAddress;
      if (address) await acme.pointTo(address);
      return Boolean(address);
    });
    const { exitCode, stdout, stderr } = await running;
    assert.equal(exitCode, 0, stdout + stderr);
    const { outputs } = JSON.parse(stdout) as UpResult;
    const { trusted, certificate } = await shown(new URL(outputs.url), await acme.root("long"));
    assert.equal(trusted, true);
    const names = ["", "www.", "analytics."].map((prefix) => `DNS:${prefix}${DOMAIN}`);
    assert.deepEqual(certificate.subjectaltname!.split(", ").sort(), names.sort());
  });

  it("leaves nothing to do for the second", async () => {
    const { stdout, stderr } = await world.project.run("up", "--stack", STACK, "--json");
    assert.equal((JSON.parse(stdout) as UpResult).changed, 0, stderr);
  });
});
