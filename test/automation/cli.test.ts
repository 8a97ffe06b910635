import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { Project } from "../integration/support/project.ts";

describe("the command line", function () {
  this.timeout(60_000);
  let project: Project;
  before(() => void (project = new Project()));
  after(() => project.remove());

  /** The command line as `npm run` starts it, without a terminal. */
  async function run(...args: string[]): Promise<{ exitCode: number | undefined; stderr: string }> {
    const { exitCode, stderr } = await execa(
      process.execPath,
      ["automation/bootstrap.mjs", "automation/cli.ts", ...args],
      { cwd: project.folder, reject: false, stdin: "ignore" },
    );
    return { exitCode, stderr };
  }

  for (const verb of ["drift", "audit"])
    it(`doesn't take a wrong option of ${verb} for an answer`, async () => {
      const { exitCode, stderr } = await run(verb, "--nonsense");
      assert.match(stderr, /unknown option '--nonsense'/);
      assert.equal(exitCode, 2);
    });

  for (const [verb, code, ...more] of [
    ["up", 1],
    ["setup", 1],
    ["down", 1],
    ["drift", 2],
    ["audit", 2],
    ["renew", 1],
    ["promote", 1, "--to"],
    ["promote", 1, "--from"],
  ] as const)
    it(`${verb} ${more.join("")} refuses a stack without a file, and makes nothing`, async () => {
      const { exitCode, stderr } = await run(verb, more[0] ?? "--stack", "prdo");
      assert.match(stderr, /There is no stack prdo: Pulumi\.prdo\.yaml is missing/);
      assert.match(stderr, /Did you mean prod or staging\? To make a new one, write Pulumi\.prdo\.yaml/);
      assert.equal(exitCode, code);
      assert.ok(!project.has("Pulumi.prdo.yaml") && !project.has(".fairlead"));
    });

  it("is there as a program of the package, for npx", async () => {
    const { bin } = JSON.parse(project.read("package.json")) as { bin: Record<string, string> };
    const program = join(project.folder, bin["fairlead"]!);
    const { exitCode, stderr } = await execa(program, ["down", "--stack", "prdo"], {
      reject: false,
      cwd: "/",
    });
    assert.match(stderr, /There is no stack prdo/);
    assert.equal(exitCode, 1);
    assert.match((await execa(program, ["up", "--help"])).stdout, /^Usage: fairlead up/);
  });

  it("refuses a stack whose name is a path", async () => {
    const { exitCode, stderr } = await run("up", "--stack", "../x");
    assert.match(stderr, /"\.\.\/x" can't be the name of a stack\.\n.*Did you mean prod or staging\?/);
    assert.equal(exitCode, 1);
  });

  it("refuses a time to watch that is no number, which would never end", async () => {
    const { exitCode, stderr } = await run("promote", "--watch", "soon");
    assert.match(stderr, /Expected whole seconds such as 10, found "soon"/);
    assert.equal(exitCode, 1);
  });
});

describe("an application whose sources aren't there", function () {
  this.timeout(60_000);
  let project: Project;
  before(() => void (project = new Project()));
  after(() => project.remove());

  for (const verb of ["up", "setup"])
    it(`is refused by the folder's name before ${verb} does anything`, async () => {
      project.edit("staging", (document) => {
        const shop = document.createNode({ build: "./nowhere", port: 80 });
        document.setIn(["config", "fairlead:apps", "shop"], shop);
      });
      const { exitCode, stderr } = await project.run(verb, "--stack", "staging", "--yes");
      assert.match(stderr, /staging\.yaml has 1 problem; nothing was changed/);
      assert.match(stderr, /apps\.shop\.build: there is no folder \.\/nowhere in /);
      assert.equal(exitCode, 1);
      assert.doesNotMatch(project.read("Pulumi.staging.yaml"), /digests|sha256/);
    });
});
