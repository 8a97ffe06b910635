import assert from "node:assert/strict";
import { execa } from "execa";
import { parse as parseYaml } from "yaml";
import { check } from "../../../config/check/index.ts";
import { parse } from "../../../config/parse.ts";
import { firstSettings, type Answers } from "../../../automation/import/first.ts";
import { Project } from "../../integration/support/project.ts";

const ANSWERS: Answers = {
  name: "shop",
  domain: "shop.example",
  app: "shop",
  image: "ghcr.io/me/shop:1",
  port: 8000,
  database: true,
  cache: false,
};

describe("a first stack file", () => {
  it("names every answer that makes no stack", () => {
    assert.throws(
      () => firstSettings({ ...ANSWERS, domain: "shop", port: 0 }),
      /domain: expected a domain name[^]*apps\.shop\.port: expected at least 1, found 0/,
    );
    assert.throws(() => firstSettings({ ...ANSWERS, image: undefined }), /make no stack/);
  });
});

describe("npm run init", function () {
  this.timeout(60_000);
  let project: Project;
  before(() => void (project = new Project()));
  after(() => project.remove());

  const run = async (...args: string[]): Promise<{ exitCode?: number; stdout: string; stderr: string }> =>
    execa(process.execPath, ["automation/bootstrap.mjs", "automation/cli.ts", "init", ...args], {
      cwd: project.folder,
      env: { INIT_CWD: project.folder },
      reject: false,
      stdin: "ignore",
    });

  it("writes a stack file with comments that the program accepts", async () => {
    const options = [
      "--stack",
      "first",
      "--image",
      "ghcr.io/me/shop:1",
      "--port",
      "8000",
      "--database",
      "--json",
    ];
    const { exitCode, stdout, stderr } = await run(...options);
    assert.equal(exitCode, 0, stderr + stdout);
    assert.equal((JSON.parse(stdout) as { file: string }).file, "Pulumi.first.yaml");
    const text = project.read("Pulumi.first.yaml");
    assert.match(text, /^# The stack first, made by npm run init/);
    assert.match(text, /^ {6}# They give DATABASE_URL/m);
    const { config } = parseYaml(text) as { config: Record<string, unknown> };
    const raw = Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const { config: settings, secrets } = parse(
      "fairlead",
      "first",
      Object.fromEntries(raw) as Record<string, string>,
    );
    assert.deepEqual(check("first", settings, secrets), []);
    assert.deepEqual(settings.apps.shop!.needs, ["database"]);
    assert.equal(settings.domain, "first.localhost");
  });

  it("never writes over a stack file", async () => {
    const before = project.read("Pulumi.staging.yaml");
    const { exitCode, stderr } = await run("--stack", "staging", "--image", "a:1");
    assert.equal(exitCode, 1);
    assert.match(stderr, /is there already, and is not overwritten/);
    assert.equal(project.read("Pulumi.staging.yaml"), before);
  });

  it("says what it must be told where nobody can be asked", async () => {
    const { exitCode, stderr } = await run("--stack", "none");
    assert.equal(exitCode, 1);
    assert.match(stderr, /Nothing says what to run[^]*--image REFERENCE/);
    assert.ok(!project.has("Pulumi.none.yaml"));
  });
});
