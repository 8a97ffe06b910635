import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestProject } from "../support/project.ts";

describe("a configuration of any size", () => {
  const project = new TestProject(`
    const big = config.get("big");
    exports.size = big?.length;
    exports.names = Object.keys(pulumi.runtime.allConfig()).length;
    exports.secret = config.getSecret("token");
    const child = require("node:child_process").spawnSync("env");
    exports.child = child.error?.message ?? "started";
    exports.leaked = String(child.stdout).includes("s3cret-token");
    exports.left = process.env.FAIRLEAD_CONFIG_FD ?? "";
  `);
  after(() => project.remove());
  before(() => project.ok(["stack", "init", "dev"]));
  before(() => project.ok(["config", "set", "--secret", "token"], { input: "s3cret-token" }));
  const kept = (): string =>
    project
      .read("Pulumi.dev.yaml")
      .split("\n")
      .filter((line) => !/unit:(big|n\d+):/.test(line))
      .join("\n");
  const configure = (lines: string[]): void => {
    const [before, after] = kept().split("config:\n");
    writeFileSync(join(project.folder, "Pulumi.dev.yaml"), `${before}config:\n${lines.join("\n")}\n${after}`);
  };
  const up = async (): Promise<Record<string, unknown>> => {
    await project.ok(["up", "--yes", "--skip-preview"]);
    return JSON.parse(await project.ok(["stack", "output", "--json", "--show-secrets"])) as Record<
      string,
      unknown
    >;
  };

  for (const size of [1_000, 97_000, 131_060, 200_000, 1_000_000]) {
    it(`reaches the program as one value of ${size} bytes`, async () => {
      configure([`  unit:big: ${randomBytes(size).toString("hex").slice(0, size)}`]);
      const outputs = await up();
      assert.deepEqual([outputs["size"], outputs["names"]], [size, 2]);
      assert.deepEqual([outputs["secret"], outputs["left"]], ["s3cret-token", ""]);
      assert.equal(outputs["child"], "started", "the program can start others");
      // Small ones are in the environment, as with the official CLI.
      assert.equal(outputs["leaked"], size < 100_000);
    });
  }

  it("reaches the program as 20,000 small values", async () => {
    configure(Array.from({ length: 20_000 }, (_, index) => `  unit:n${index}: value-${index}`));
    assert.equal((await up())["names"], 20_001);
  });

  it("still knows its secrets: they are masked in what is printed", async () => {
    configure([`  unit:big: ${"x".repeat(200_000)}`]);
    project.program(`exports.secret = config.requireSecret("token"); console.log("token is s3cret-token");`);
    const said = await project.ok(["up", "--yes", "--skip-preview"]);
    assert.ok(!said.includes("s3cret-token"));
    assert.match(said, /\[secret\]/);
  });

  it("ends when the program can't be started, and says why", async () => {
    const started = Date.now();
    // Longer than one argument may be: the name of the stack's project folder stays, its options don't.
    const yaml = project.read("Pulumi.yaml");
    const options = `typescript: false\n    nodeargs: --title=${"y".repeat(140_000)}`;
    writeFileSync(join(project.folder, "Pulumi.yaml"), yaml.replace("typescript: false", options));
    const { code, stdout, stderr } = await project.run(["up", "--yes", "--skip-preview"]);
    writeFileSync(join(project.folder, "Pulumi.yaml"), yaml);
    assert.equal(code, 1);
    assert.match(stdout + stderr, /E2BIG/);
    assert.ok(Date.now() - started < 20_000, "it doesn't wait for anything");
  });
}).timeout(120_000);
