import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Project } from "./support/project.ts";

describe("the package for AWS, in a clone without packages", function () {
  this.timeout(600_000);
  let project: Project;
  before(() => {
    project = new Project();
    rmSync(join(project.folder, "node_modules"));
  });
  after(async () => {
    await project.run("down", "--stack", "staging", "--yes");
    project.remove();
  });

  const setUp = async (): Promise<string> => {
    const { exitCode, stdout, stderr } = await project.run("setup", "--stack", "staging", "--yes");
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  };
  const packageOf = (name: string): string => join("node_modules", name, "package.json");

  it("isn't installed for a stack that doesn't use it", async () => {
    assert.doesNotMatch(await setUp(), /aws/);
    assert.ok(project.has(packageOf("@pulumi/pulumi")));
    assert.ok(!project.has(packageOf("@pulumi/aws")));
  });

  it("is installed by set-up for one that does, which says so, and leaves the other packages as they are", async () => {
    const untouched = () =>
      ["node_modules/.fairlead-lock", "node_modules/node/bin/node", packageOf("yaml"), packageOf("esbuild")]
        .map((path) => statSync(join(project.folder, path)))
        .map(({ ino, mtimeMs }) => [ino, mtimeMs]);
    const before = untouched();
    project.edit("staging", (file) => file.setIn(["config", "aws:region"], "eu-west-3"));
    assert.match(await setUp(), /installed @pulumi\/aws 7\.48\.0/);
    const found = JSON.parse(readFileSync(join(project.folder, packageOf("@pulumi/aws")), "utf8")) as {
      version: string;
    };
    assert.equal(found.version, "7.48.0");
    assert.deepEqual(untouched(), before);
  });

  it("isn't installed a second time", async () => {
    assert.doesNotMatch(await setUp(), /aws/);
  });
});
