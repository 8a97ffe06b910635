import assert from "node:assert/strict";
import { Load } from "./support/client.ts";
import { world } from "./support/stack.ts";

describe("pulumi config set --secret, pulumi up", () => {
  before("the stack, with data", async () => {
    await world.ready();
    await world.anchor();
  });

  const set = async (name: string, value: string): Promise<void> => {
    const { exitCode, stderr } = await world.project.pulumi(
      ["config", "set", "--secret", name, "--stack", "staging"],
      value,
    );
    assert.equal(exitCode, 0, stderr);
  };

  it("stores generated secrets encrypted", () => {
    const file = world.project.read("Pulumi.staging.yaml");
    for (const name of ["POSTGRES_PASSWORD", "REDIS_PASSWORD"]) {
      assert.match(file, new RegExp(`fairlead:${name}:\\n\\s+secure: v1:`));
    }
  });

  it("puts new database and cache passwords into the running stack; deep health stays green", async () => {
    await set("POSTGRES_PASSWORD", "new-Postgres_password.1");
    await set("REDIS_PASSWORD", "new:Redis/pass@word 1");
    // Health paths have a limit of their own, 30 a second.
    const load = new Load(world.client, "/health/deep", 1, 50);
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    await load.stop();
    assert.equal(exitCode, 0, stdout + stderr);
    assert.deepEqual(load.failures, []);
    assert.ok(load.releases.size === 2, "the release changed under the load");
    assert.match((await world.client.ask("/api/items")).body, /anchor/, "the data is the same");
  });

  it("refuses the old passwords afterwards", async () => {
    const roles = await world.ssh([
      "docker",
      "exec",
      "-u",
      "postgres",
      "maicivy_postgres",
      "psql",
      "-Atc",
      "select rolname from pg_roles where rolcanlogin and rolname <> 'postgres'",
    ]);
    assert.match(roles.stdout, /^maicivy_[0-9a-f]{8}$/, "one login is left");
    const acl = await world.ssh(["grep", "-c", "#", "/opt/maicivy/cache/conf/users.acl"]);
    assert.equal(acl.stdout, "2");
    const hashes = await world.ssh([
      "sh",
      "-c",
      "grep '^user default' /opt/maicivy/cache/conf/users.acl | grep -o '#' | wc -l",
    ]);
    assert.equal(hashes.stdout.trim(), "1", "one password is left");
  });

  it("asks for a password that is missing, and set-up makes one for the running stack", async () => {
    world.project.edit("staging", (document) => document.deleteIn(["config", "fairlead:REDIS_PASSWORD"]));
    const missing = await world.pulumiUp();
    assert.notEqual(missing.exitCode, 0);
    assert.match(
      missing.stdout + missing.stderr,
      /REDIS_PASSWORD: the password REDIS_PASSWORD is not set[^]*npm run setup -- --stack staging makes it/,
    );
    await world.up();
    assert.match(world.file, /fairlead:REDIS_PASSWORD:\n\s+secure: v1:/);
    assert.equal((await world.client.ask("/health/deep")).status, 200);
    assert.match((await world.client.ask("/api/items")).body, /anchor/, "the data is the same");
  });

  it("gives an application a secret of its own, as a file", async () => {
    world.project.edit("staging", (document) =>
      document.setIn(["config", "fairlead:apps", "backend", "secrets"], ["CLAUDE_API_KEY"]),
    );
    const missing = await world.pulumiUp();
    assert.notEqual(missing.exitCode, 0);
    assert.match(
      missing.stdout + missing.stderr,
      /apps\.backend\.secrets\[0\]: the secret CLAUDE_API_KEY is not set/,
    );
    assert.match(
      missing.stdout + missing.stderr,
      /pulumi config set --secret CLAUDE_API_KEY --stack staging/,
    );
    await set("CLAUDE_API_KEY", "sk-ant-test-value");
    assert.equal((await world.pulumiUp()).exitCode, 0);
    const { release } = await world.client.json<{ release: string }>("/api/release");
    const file = await world.ssh(["cat", `/opt/maicivy/secrets/${release}/CLAUDE_API_KEY`]);
    assert.equal(file.stdout, "sk-ant-test-value");
    const inside = await world.ssh([
      "sh",
      "-c",
      `docker exec $(docker ps -q -f name=${release}) cat /run/secrets/CLAUDE_API_KEY`,
    ]);
    assert.equal(inside.stdout, "sk-ant-test-value");
    assert.ok(
      !world.project
        .read(".fairlead/state/.pulumi/stacks/fairlead/staging.json")
        .includes("sk-ant-test-value"),
    );
  });
});
