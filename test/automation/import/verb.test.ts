import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { Project } from "../../integration/support/project.ts";
import { FIXTURES } from "./support.ts";

describe("npm run import", function () {
  this.timeout(120_000);
  let project: Project;
  before(() => void (project = new Project()));
  after(() => project.remove());

  /** The command line as npm starts it, from the folder of the Compose file. */
  const run = (...args: string[]): ReturnType<typeof start> => start(args);
  const start = async (args: string[]): Promise<{ exitCode?: number; stdout: string; stderr: string }> =>
    execa(process.execPath, ["automation/bootstrap.mjs", "automation/cli.ts", ...args], {
      cwd: project.folder,
      env: { INIT_CWD: join(FIXTURES, "shop") },
      reject: false,
      stdin: "ignore",
    });

  it("writes a stack file with its secrets encrypted, and reports", async () => {
    const { exitCode, stdout, stderr } = await run(
      "import",
      "docker-compose.yml",
      "--stack",
      "shop",
      "--domain",
      "shop.example",
    );
    assert.equal(exitCode, 0, stderr);
    const text = project.read("Pulumi.shop.yaml");
    assert.match(text, /^ {2}fairlead:domain: shop\.example$/m);
    assert.match(text, /fairlead:SECRET_KEY:\n {4}secure: v1:/);
    assert.match(text, /^# Made from docker-compose\.yml by npm run import/);
    for (const secret of ["django-insecure-1234", "mailbox"])
      assert.ok(!text.includes(secret) && !stdout.includes(secret), "a secret in plain text");
    assert.match(stdout, /Secrets that are set, encrypted:\n {2}MAIL_PASSWORD\n {2}SECRET_KEY/);
    assert.match(stdout, /pg_dump/);
    assert.match(stdout, /npm run up -- --stack shop/);
  });

  it("never writes over a stack file", async () => {
    const before = project.read("Pulumi.staging.yaml");
    const { exitCode, stderr } = await run("import", "docker-compose.yml", "--stack", "staging");
    assert.equal(exitCode, 1);
    assert.match(stderr, /Pulumi\.staging\.yaml is there already, and is not overwritten/);
    assert.equal(project.read("Pulumi.staging.yaml"), before);
  });

  it("takes Kamal's file, and says what to set that only a password manager knows", async () => {
    const { exitCode, stdout, stderr } = await run("import", "../rails/config/deploy.yml", "--stack", "blog");
    assert.equal(exitCode, 0, stderr);
    const text = project.read("Pulumi.blog.yaml");
    assert.match(text, /^ {2}fairlead:domain: blog\.example$/m);
    assert.match(text, /fairlead:RAILS_MASTER_KEY:\n {4}secure: v1:/);
    assert.ok(project.has("files/blog-search/config.toml"));
    assert.match(
      stdout,
      /Secrets to set:\n {2}npx pulumi config set --secret KAMAL_REGISTRY_PASSWORD --stack blog/,
    );
    for (const secret of ["a1b2c3", "log-in"]) assert.ok(!text.includes(secret) && !stdout.includes(secret));
  });

  it("says which file can't be read, and writes nothing", async () => {
    const { exitCode, stderr } = await run("import", "nowhere.yml", "--stack", "none");
    assert.equal(exitCode, 1);
    assert.match(stderr, /shop\/nowhere\.yml can't be read/);
    assert.ok(!project.has("Pulumi.none.yaml"));
  });
});
