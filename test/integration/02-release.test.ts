import assert from "node:assert/strict";
import { Load } from "./support/client.ts";
import { world } from "./support/stack.ts";

describe("releases in a plain pulumi up", () => {
  let good: string;
  let bad: string;
  let crashing: string;

  before("the stack, and images", async function () {
    await world.ready();
    good = await world.variant("1.1.0");
    bad = await world.variant("broken", "unhealthy");
    crashing = await world.variant("crashing", "crash");
  });

  const release = async (): Promise<{ version: string; release: string }> =>
    world.client.json("/api/release");

  it("moves to a new digest without losing a request", async () => {
    const before = await release();
    world.useBackend(good);
    const load = new Load(world.client, "/api/release");
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    await load.stop();
    assert.equal(exitCode, 0, stdout + stderr);
    assert.doesNotMatch(stdout + stderr, /warning:/);
    assert.deepEqual(load.failures, []);
    assert.ok(
      load.count > 50 && load.releases.size === 2,
      `${load.count} requests, ${[...load.releases].join()}`,
    );
    const after = await release();
    assert.equal(after.version, "1.1.0");
    const { stdout: names } = await world.ssh(["docker", "ps", "--all", "--format", "{{.Names}}"]);
    assert.ok(!names.includes(before.release), "the old release is gone");
    assert.ok(names.includes(after.release));
  });

  it("waits for a request that is under way", async () => {
    const slow = world.client.json<{ release: string }>("/api/slow?ms=6000", {
      method: "POST",
      body: "x".repeat(1000),
    });
    const before = await release();
    world.project.edit("staging", (document) =>
      document.setIn(["config", "fairlead:apps", "backend", "environment", "LOG_LEVEL"], "warn"),
    );
    assert.equal((await world.pulumiUp()).exitCode, 0);
    assert.equal((await slow).release, before.release);
    assert.notEqual((await release()).release, before.release);
  });

  for (const [what, image] of [
    ["never gets healthy", () => bad],
    ["crashes", () => crashing],
  ] as const) {
    it(`keeps the old release when the new one ${what}, and says why`, async () => {
      const before = await release();
      world.useBackend(image());
      world.project.edit("staging", (document) =>
        document.setIn(["config", "fairlead:apps", "backend", "health", "within"], "8 s"),
      );
      const load = new Load(world.client, "/api/release");
      const { exitCode, stdout, stderr } = await world.pulumiUp();
      await load.stop();
      assert.notEqual(exitCode, 0);
      assert.match(stdout + stderr, /gets no traffic; what served before still does/);
      assert.match(stdout + stderr, /Last log lines:\n.*"level"/);
      assert.deepEqual(load.failures, []);
      assert.deepEqual([...load.releases], [before.release]);
    });
  }

  it("fails again for the same bad image: nothing turns green by itself", async () => {
    world.useBackend(crashing);
    assert.notEqual((await world.pulumiUp()).exitCode, 0);
  });

  it("recovers with a good image, without handwork", async () => {
    world.useBackend(good);
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    assert.equal(exitCode, 0, stdout + stderr);
    const now = await release();
    const { stdout: names } = await world.ssh([
      "docker",
      "ps",
      "--all",
      "--filter",
      "label=service=backend",
      "--format",
      "{{.Names}}",
    ]);
    assert.deepEqual(
      names.split("\n").map((name) => name.slice(0, now.release.length)),
      [now.release],
    );
  });

  it("refuses an image that doesn't exist, and keeps serving", async () => {
    const before = await release();
    world.useBackend(`${good.split("@")[0]}@sha256:${"0".repeat(64)}`);
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    assert.notEqual(exitCode, 0);
    assert.match(stdout + stderr, /manifest unknown|not found/);
    assert.equal((await release()).release, before.release);
    world.useBackend(good);
    assert.equal((await world.pulumiUp()).exitCode, 0);
  });

  it("splits traffic by weight, and keeps a warm release at 0", async () => {
    world.useBackend(good);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    const old = (await release()).release;
    const other = await world.variant("1.2.0");
    const declare = (weights: [string, number][]): void =>
      world.project.edit("staging", (document) =>
        document.setIn(["config", "fairlead:releases"], {
          backend: weights.map(([image, weight]) => ({ image, weight })),
        }),
      );
    declare([
      [good, 75],
      [other, 25],
    ]);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    const seen: string[] = [];
    for (let index = 0; index < 400; index++) seen.push((await release()).release);
    const share = seen.filter((name) => name !== old).length / seen.length;
    assert.ok(share > 0.15 && share < 0.35, `the new release got ${share} of the requests`);
    declare([
      [good, 0],
      [other, 100],
    ]);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    for (let index = 0; index < 20; index++) assert.notEqual((await release()).release, old);
    const { stdout } = await world.ssh([
      "docker",
      "ps",
      "--filter",
      "label=service=backend",
      "--format",
      "{{.Names}}",
    ]);
    assert.equal(stdout.split("\n").length, 2, "the old release is still warm");
    declare([[good, 100]]);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    assert.equal((await release()).release, old);
    world.project.edit("staging", (document) => document.deleteIn(["config", "fairlead:releases"]));
  });
});
