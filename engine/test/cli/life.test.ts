import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestProject } from "../support/project.ts";

const program = `
const group = new Group("g");
const a = new Thing("a", { text: config.get("text") ?? "one", secret: config.requireSecret("token") }, { parent: group });
const b = new Thing("b", { hard: [a.id], identity: config.getNumber("identity") ?? 0 }, { parent: group, dependsOn: [a] });
group.registerOutputs({ id: b.id });
exports.id = b.id;
exports.text = a.text;
exports.token = config.requireSecret("token");
exports.list = config.getObject("list");
pulumi.log.info("a note with t0ken-value inside", a);
`;

describe("a stack's life on the command line", () => {
  const project = new TestProject(program);
  after(() => project.remove());

  it("is configured: values, secrets from stdin, structures; comments survive", async () => {
    assert.equal((await project.run(["stack", "select", "dev"])).code, 6);
    assert.match((await project.run(["stack", "init", "dev"])).stderr, /Created stack 'dev'/);
    const again = await project.run(["stack", "init", "dev"]);
    assert.match(again.stderr, /stack 'dev' already exists/);
    const file = join(project.folder, "Pulumi.dev.yaml");
    writeFileSync(file, `# who changes this tells the team\n${project.read("Pulumi.dev.yaml")}`);
    await project.ok(["config", "set", "text", "one"]);
    await project.ok(["config", "set", "--secret", "token"], { input: "t0ken-value\n" });
    await project.ok([
      "config",
      "set-all",
      "--path",
      "--plaintext",
      "list[0].name=x",
      "--plaintext",
      "list[0].n=3",
    ]);
    const yaml = project.read("Pulumi.dev.yaml");
    assert.match(yaml, /^# who changes this tells the team\n/);
    assert.match(yaml, /unit:list:\n {4}- name: x\n {6}n: 3\n/);
    assert.ok(!yaml.includes("t0ken"), yaml);
    assert.equal(await project.ok(["config", "get", "token"]), "t0ken-value\n");
    const json = JSON.parse(await project.ok(["config", "--json"])) as Record<string, unknown>;
    assert.deepEqual(json["unit:token"], { secret: true });
    assert.deepEqual(json["unit:list"], {
      value: '[{"name":"x","n":3}]',
      objectValue: [{ name: "x", n: 3 }],
      secret: false,
    });
  });

  it("is previewed and updated; then nothing changes", async () => {
    const preview = await project.ok(["preview"]);
    assert.match(preview, /Resources:\n {4}\+ 4 to create/);
    assert.ok(!existsSync(project.env["FAKE_WORLD"] ?? ""), "a preview creates nothing");
    const up = await project.ok(["up", "--yes"]);
    assert.match(up, /\+ 4 created/);
    assert.match(up, /token: \[secret\]/);
    assert.ok(!up.includes("t0ken-value"), "a secret in a log message is masked");
    assert.equal(project.things.length, 2);
    assert.ok(!project.read("state/.pulumi/stacks/unit/dev.json").includes("t0ken-value"));
    const same = await project.ok(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    assert.match(same, /Resources:\n {4}4 unchanged/);
    const outputs = JSON.parse(await project.ok(["stack", "output", "--json", "--show-secrets"])) as object;
    assert.deepEqual(outputs, {
      id: project.things.find((t) => t.urn.endsWith("::b"))?.id,
      list: [{ n: 3, name: "x" }],
      text: "one",
      token: "t0ken-value",
    });
    assert.equal(await project.ok(["stack", "output", "token"]), "[secret]\n");
  });

  it("shows and makes changes: in place and by replacement", async () => {
    await project.ok(["config", "set", "text", "two"]);
    await project.ok(["config", "set", "identity", "1"]);
    const diff = await project.run(["preview", "--diff", "--expect-no-changes"]);
    assert.match(diff.stdout, /~ fake:index:Thing: \(update\)\n.*\n.*\n {2}~ text: "one" => "two"/);
    assert.match(diff.stdout, /~ identity: 0 => 1 \(forces replacement\)/);
    assert.equal(diff.code, 7);
    const before = project.things;
    await project.ok(["up", "--yes", "--skip-preview"]);
    const [a, b] = ["a", "b"].map((name) => project.things.find((t) => t.urn.endsWith(`::${name}`)));
    assert.equal(a?.id, before.find((t) => t.urn.endsWith("::a"))?.id);
    assert.notEqual(b?.id, before.find((t) => t.urn.endsWith("::b"))?.id);
    assert.equal(a?.inputs["text"], "two");
  });

  it("finds drift in a refresh", async () => {
    const [a] = project.things.filter((t) => t.urn.endsWith("::a"));
    assert.ok(a);
    const others = project.things.filter((t) => t.id !== a.id);
    writeFileSync(
      project.env["FAKE_WORLD"] ?? "",
      JSON.stringify([{ ...a, inputs: { ...a.inputs, text: "drifted" } }, ...others]),
    );
    assert.match(await project.ok(["preview", "--refresh"]), /~ 1 to update\n {4}3 unchanged/);
    assert.match(await project.ok(["refresh", "--yes"]), /~ 1 updated\n {4}3 unchanged/);
  });

  it("keeps a history, and its state travels", async () => {
    const history = JSON.parse(await project.ok(["stack", "history", "--json", "--show-secrets"])) as {
      kind: string;
      config: Record<string, unknown>;
    }[];
    assert.deepEqual(
      history.map(({ kind }) => kind),
      ["refresh", "update", "update", "update"],
    );
    assert.deepEqual(history[0]?.config["unit:token"], { value: "t0ken-value", secret: true });
    await project.ok(["stack", "export", "--file", "export.json", "--show-secrets"]);
    assert.ok(project.read("export.json").includes('"plaintext": "\\"t0ken-value\\""'));
    assert.equal(await project.ok(["stack", "import", "--file", "export.json"]), "Import complete.\n");
    assert.ok(!project.read("state/.pulumi/stacks/unit/dev.json").includes("t0ken-value"), "encrypted again");
    const list = JSON.parse(await project.ok(["stack", "ls", "--json"])) as {
      name: string;
      resourceCount: number;
    }[];
    assert.deepEqual(
      list.map(({ name, resourceCount }) => [name, resourceCount]),
      [["dev", 5]],
    );
  });

  it("is destroyed and removed", async () => {
    assert.match(
      (await project.run(["stack", "rm", "dev", "--yes"])).stderr,
      /still has resources; removal rejected/,
    );
    assert.match(await project.ok(["destroy", "--yes"]), /- 4 deleted/);
    assert.deepEqual(project.things, []);
    await project.ok(["stack", "rm", "dev", "--yes"]);
    assert.ok(!existsSync(join(project.folder, "Pulumi.dev.yaml")));
    assert.equal((await project.run(["stack", "output", "--stack", "dev"])).code, 6);
  });
}).timeout(60_000);
