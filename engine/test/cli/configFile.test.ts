import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { TestProject } from "../support/project.ts";

describe("--config-file", () => {
  const project = new TestProject(`new Thing("web", { text: config.require("text") });`);
  const own = join(project.folder, "Pulumi.dev.yaml");
  const other = join(project.folder, "other.yaml");
  after(() => project.remove());
  before(async () => {
    await project.ok(["stack", "init", "dev"]);
    await project.ok(["config", "set", "text", "own"]);
    copyFileSync(own, other);
  });
  const text = (): unknown => project.things[0]?.inputs["text"];

  it("is what config commands read and write, and the stack's own file stays", async () => {
    const before = project.read("Pulumi.dev.yaml");
    await project.ok(["config", "set", "--config-file", "other.yaml", "text", "other"]);
    await project.ok(["config", "set", "--secret", "--config-file", other, "token"], { input: "s3cret" });
    assert.equal((await project.ok(["config", "get", "--config-file", other, "text"])).trim(), "other");
    assert.equal((await project.ok(["config", "get", "text"])).trim(), "own");
    assert.equal(project.read("Pulumi.dev.yaml"), before);
    assert.match(project.read("other.yaml"), /unit:token:\n\s+secure: v1:/);
  });

  it("is what preview and up deploy", async () => {
    await project.ok(["up", "--yes", "--skip-preview"]);
    assert.equal(text(), "own");
    const seen = await project.ok(["preview", "--config-file", "other.yaml", "--diff"]);
    assert.match(seen, /other/);
    await project.ok(["up", "--yes", "--skip-preview", "--config-file", "other.yaml"]);
    assert.equal(text(), "other");
    await project.ok(["up", "--yes"]);
    assert.equal(text(), "own");
  });

  it("is written atomically, keeps its mode, and stays behind its link", async () => {
    mkdirSync(join(project.folder, "shared"));
    const real = join(project.folder, "shared", "dev.yaml");
    renameSync(own, real);
    chmodSync(real, 0o640);
    symlinkSync(join("shared", "dev.yaml"), own);
    await project.ok(["config", "set", "text", "linked"]);
    assert.ok(lstatSync(own).isSymbolicLink());
    assert.match(project.read("shared/dev.yaml"), /unit:text: linked/);
    assert.equal(statSync(real).mode & 0o777, 0o640);
  });

  it("is named when its YAML is broken", async () => {
    writeFileSync(other, "config: [\n");
    const { code, stderr } = await project.run(["preview", "--config-file", "other.yaml"]);
    assert.notEqual(code, 0);
    assert.match(stderr, /other\.yaml/);
  });
}).timeout(60_000);
