import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { world } from "./support/stack.ts";
import { boxAt, existing, nameOf } from "./support/server.ts";

describe("npm run down", () => {
  it("asks before it deletes a rented server", async () => {
    world.project.edit("prod", (document) => {
      document.setIn(["config", "fairlead:server", "address"], "203.0.113.7");
      document.setIn(["config", "fairlead:server", "hostKey"], "ssh-ed25519 AAAA");
    });
    const { exitCode, stderr } = await world.project.run("down", "--stack", "prod");
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /--yes/);
    world.project.edit("prod", (document) => {
      document.deleteIn(["config", "fairlead:server", "address"]);
      document.deleteIn(["config", "fairlead:server", "hostKey"]);
    });
  });

  it("leaves no container, volume, network or file behind", async () => {
    const boxes = await Promise.all(
      ["prod", "staging"].map((stack) => boxAt(world.project.ports(stack).https)),
    );
    const mine = boxes.flatMap((box) => [nameOf(box), ...box.Mounts.flatMap(({ Name }) => Name ?? [])]);
    assert.ok(mine.length >= 4, `two boxes with a volume each: ${mine.join(", ")}`);
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
    // Registry and network stay only for somebody else's box.
    if (!left.some((name) => name.startsWith("box-")))
      assert.deepEqual(
        left.filter((name) => name.startsWith("fairlead")),
        [],
      );
    // A secret that the user has set stays in the stack file, and so does the passphrase that opens it.
    assert.match(world.project.read("Pulumi.staging.yaml"), /CLAUDE_API_KEY/);
    assert.ok(!world.project.read("Pulumi.staging.yaml").includes("POSTGRES_PASSWORD"));
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
