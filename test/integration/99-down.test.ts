import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { boxAt, existing, nameOf, registryOwner } from "./support/server.ts";
import { world } from "./support/stack.ts";
import { closeOthers } from "./support/world.ts";

describe("npm run down", function () {
  before("two stacks, one with a secret of its user", async function () {
    this.timeout(900_000);
    await closeOthers(world);
    await world.ready();
    await world.prod();
    const set = ["config", "set", "--secret", "CLAUDE_API_KEY", "--stack", "staging"];
    assert.equal((await world.project.pulumi(set, "sk-ant-of-a-person")).exitCode, 0);
  });

  it("asks before it deletes a rented server", async () => {
    const file = world.project.read("Pulumi.prod.yaml");
    try {
      world.project.edit("prod", (document) => {
        document.setIn(["config", "fairlead:server", "address"], "203.0.113.7");
        document.setIn(["config", "fairlead:server", "hostKey"], "ssh-ed25519 AAAA");
      });
      const { exitCode, stderr } = await world.project.run("down", "--stack", "prod");
      assert.notEqual(exitCode, 0);
      assert.match(stderr, /--yes/);
    } finally {
      world.project.write("Pulumi.prod.yaml", file);
    }
  });

  it("leaves no container, volume, network or file behind", async () => {
    const boxes = await Promise.all(
      ["prod", "staging"].map((stack) => boxAt(world.project.ports(stack).https)),
    );
    const mine = boxes.flatMap((box) => [nameOf(box), ...box.Mounts.flatMap(({ Name }) => Name ?? [])]);
    assert.ok(mine.length >= 4, `two boxes with a volume each: ${mine.join(", ")}`);
    const others = (await existing()).filter((name) => name.startsWith("box-") && !mine.includes(name));
    const owner = await registryOwner();
    const shared = others.length > 0 || (owner !== undefined && owner !== world.project.folder);
    for (const stack of ["prod", "staging"]) {
      const { exitCode, stdout, stderr } = await world.project.run("down", "--stack", stack);
      assert.equal(exitCode, 0, stdout + stderr);
      if (stack === "prod") assert.match(stdout, /Kept: registry: staging still needs it/);
    }
    const left = await existing();
    assert.deepEqual(
      mine.filter((name) => left.includes(name)),
      [],
    );
    // Registry and network stay for another checkout's box, and for the checkout that they were made for.
    if (shared) assert.ok(left.includes("fairlead-registry") && left.includes("fairlead"), left.join(", "));
    else
      assert.deepEqual(
        left.filter((name) => name.startsWith("fairlead")),
        [],
      );
    // A secret that the user has set stays in the stack file, and so does the passphrase that opens it.
    assert.match(world.file, /CLAUDE_API_KEY/);
    assert.ok(!world.file.includes("POSTGRES_PASSWORD"));
    assert.ok(world.project.has(".fairlead/passphrase"));
    assert.ok(!world.project.has(".fairlead/state"));
    assert.ok(!readFileSync(`${world.project.folder}/Pulumi.prod.yaml`, "utf8").includes("digests"));
  });

  it("has nothing to do afterwards", async () => {
    const { exitCode, stdout } = await world.project.run("down");
    assert.equal(exitCode, 0);
    assert.match(stdout, /no stack staging/);
  });
});
