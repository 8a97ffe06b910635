import assert from "node:assert/strict";
import type { UpResult } from "../../automation/up.ts";
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
      const { exitCode, stdout } = await promote();
      assert.notEqual(exitCode, 0);
      assert.match(stdout, /its previous release serves again on prod/);
      assert.equal(await version(client), "2.0.0");
      assert.equal((await client.ask("/health/deep")).status, 200);
    });
  }

  /** A release that staging refused is no release: there is nothing to promote. */
  async function declaredOnly(tag: string): Promise<void> {
    const { stdout } = await promote();
    assert.ok(!stdout.includes(tag));
    assert.equal(await version(client), "2.0.0");
  }
});
