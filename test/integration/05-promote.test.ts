import assert from "node:assert/strict";
import { execa } from "execa";
import type { UpResult } from "../../automation/verbs/up.ts";
import { until } from "./support/box.ts";
import { Client, Load } from "./support/client.ts";
import { world } from "./support/stack.ts";

interface Promoted {
  moves: { app: string; image: string; state: string }[];
}

describe("npm run promote", () => {
  let prod: UpResult;
  let client: Client;

  before("the stack, and a second box as prod", async function () {
    this.timeout(900_000);
    await world.ready();
    prod = await world.prod();
    client = new Client(prod.outputs);
  });
  after(() => client?.close());

  const promote = (...args: string[]): ReturnType<typeof world.project.run> =>
    world.project.run("promote", "--yes", "--json", "--watch", "3", ...args);
  const version = async (of: Client): Promise<string> =>
    (await of.json<{ version: string }>("/api/release")).version;

  it("takes the digests of staging to prod, under load, without losing a request", async () => {
    const image = await world.variant("2.0.0");
    world.useBackend(image);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    const load = new Load(client, "/api/release");
    const { exitCode, stdout, stderr } = await promote();
    await load.stop();
    assert.equal(exitCode, 0, stdout + stderr);
    const moved = (JSON.parse(stdout) as Promoted).moves;
    assert.deepEqual(
      moved.map(({ app, state, image: to }) => [app, state, to]),
      [["backend", "promoted", image]],
    );
    assert.deepEqual(load.failures, []);
    assert.equal(await version(client), "2.0.0");
  });

  it("has nothing to do when both run the same", async () => {
    const { exitCode, stdout } = await promote();
    assert.equal(exitCode, 0);
    assert.deepEqual((JSON.parse(stdout) as Promoted).moves, []);
  });

  it("asks before it changes prod", async () => {
    world.useBackend(await world.variant("2.1.0"));
    assert.equal((await world.pulumiUp()).exitCode, 0);
    const { exitCode, stdout, stderr } = await world.project.run("promote", "--watch", "1");
    assert.notEqual(exitCode, 0);
    assert.match(stdout + stderr, /--yes/);
    assert.equal(await version(client), "2.0.0");
  });

  for (const [what, tag, fault] of [
    ["answers its own check but not the one through the edge", "2.2.0", "deep"],
    ["never gets healthy", "2.3.0", "unhealthy"],
  ] as const) {
    it(`restores the previous release by itself when the new one ${what}`, async () => {
      world.useBackend(await world.variant(tag, fault));
      world.project.edit("prod", (document) =>
        document.setIn(["config", "fairlead:apps", "backend", "health", "within"], "8 s"),
      );
      world.project.edit("staging", (document) =>
        document.setIn(["config", "fairlead:apps", "backend", "health", "within"], "8 s"),
      );
      await world.pulumiUp();
      if (fault === "unhealthy") return declaredOnly(tag);
      const file = world.project.read("Pulumi.prod.yaml");
      const { exitCode, stdout } = await promote();
      assert.notEqual(exitCode, 0);
      assert.match(stdout, /its previous release serves again on prod/);
      assert.equal(world.project.read("Pulumi.prod.yaml"), file);
      assert.equal(await version(client), "2.0.0");
      assert.equal((await client.ask("/health/deep")).status, 200);
    });
  }

  it("killed half-way leaves prod's file as it was, and the next one takes it up", async () => {
    const image = await world.variant("2.4.0");
    world.useBackend(image);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    const file = world.project.read("Pulumi.prod.yaml");
    const verb = ["automation/bootstrap.mjs", "automation/cli.ts", "promote", "--yes", "--watch", "120"];
    const child = execa("node", verb, { cwd: world.project.folder, detached: true, reject: false });
    await until("2.4.0 on prod", 120, async () => (await version(client)) === "2.4.0");
    process.kill(-child.pid!, "SIGKILL");
    await child;
    assert.equal(world.project.read("Pulumi.prod.yaml"), file);
    const { exitCode, stdout, stderr } = await promote();
    assert.equal(exitCode, 0, stdout + stderr);
    const { moves } = JSON.parse(stdout) as Promoted;
    assert.deepEqual(
      moves.map(({ app, state }) => [app, state]),
      [["backend", "promoted"]],
    );
    assert.ok(world.project.read("Pulumi.prod.yaml").includes(image));
    assert.equal(await version(client), "2.4.0");
  });

  /** A release that staging refused is no release: there is nothing to promote. */
  async function declaredOnly(tag: string): Promise<void> {
    const { stdout } = await promote();
    assert.ok(!stdout.includes(tag));
    assert.equal(await version(client), "2.0.0");
  }
});
