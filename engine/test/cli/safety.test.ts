import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { TestProject } from "../support/project.ts";

const program = `
const a = new Thing("a", { text: "1" });
const b = new Thing("b", { hard: [a.id] });
new Thing("c", { hard: [b.id] });
`;
const state = "state/.pulumi/stacks/unit/dev.json";

interface Checkpoint {
  checkpoint: { latest: { pending_operations?: { type: string }[]; resources: { urn: string }[] } };
}

describe("what protects a stack", () => {
  const project = new TestProject(program);
  after(() => project.remove());
  const locks = (): string[] =>
    readdirSync(join(project.folder, "state/.pulumi/locks/organization/unit/dev"));
  const latest = (): Checkpoint["checkpoint"]["latest"] =>
    (JSON.parse(project.read(state)) as Checkpoint).checkpoint.latest;

  before(() => project.ok(["stack", "init", "dev"]));

  it("names who holds the lock to a second process; the lock of a dead one is removed", async () => {
    const folder = join(project.folder, "state/.pulumi/locks/organization/unit/dev");
    mkdirSync(folder, { recursive: true });
    const holder = {
      pid: process.pid,
      username: "ann",
      hostname: hostname(),
      timestamp: "2026-01-01T00:00:00Z",
    };
    writeFileSync(join(folder, "other.json"), JSON.stringify(holder));
    const second = await project.run(["up", "--yes", "--skip-preview"]);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /locked by 1 lock\(s\).*\n.*created by ann@.* \(pid \d+\) at 2026-01-01/);
    await project.ok(["cancel", "--yes"]);
    assert.deepEqual(readdirSync(folder), []);
    writeFileSync(join(folder, "dead.json"), JSON.stringify({ ...holder, pid: 2 ** 22 + 1 }));
    const destroy = await project.run(["destroy", "--yes", "--skip-preview"]);
    assert.equal(destroy.code, 0);
    assert.match(destroy.stderr, /removed the lock of process/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("killed at a write, the next run names what is pending and converges", async () => {
    const killed = await project.run(["up", "--yes", "--skip-preview"], { env: { FAKE_KILL_AT: "3" } });
    assert.equal(killed.code, -1, `${killed.stdout}${killed.stderr}`);
    const known = new Set(latest().resources.map(({ urn }) => urn));
    const noted = latest().pending_operations ?? [];
    const forgotten = project.things.filter(({ urn }) => !known.has(urn));
    assert.ok(forgotten.length <= noted.length, "what exists is in the state or noted");
    const next = await project.ok(["up", "--yes", "--skip-preview"]);
    assert.match(next, /interrupted with 1 pending operation\(s\):\n.*, interrupted while creating/);
    assert.equal(latest().pending_operations, undefined);
    assert.equal(latest().resources.length, 5);
    // At each write of a destruction: every attempt gets one write further than the one before.
    for (let write = 0, code = -1; code !== 0; write++) {
      ({ code } = await project.run(["destroy", "--yes", "--skip-preview"], {
        env: { FAKE_KILL_AT: String(write) },
      }));
      assert.ok(code === 0 || (code === -1 && write < 10), `write ${write}: ${code}`);
    }
    assert.deepEqual(latest().resources ?? [], []);
    assert.deepEqual(
      project.things.filter(({ id }) => !forgotten.some((f) => f.id === id)),
      [],
    );
    writeFileSync(project.env["FAKE_WORLD"] ?? "", "[]");
  });

  it("an interrupt lets running steps end, records them and starts no other", async () => {
    const result = await project.run(["up", "--yes", "--skip-preview"], {
      env: { FAKE_SLOW: "700" },
      signalAfter: /Thing a creating/,
    });
    assert.equal(result.code, 8, `${result.stdout}${result.stderr}`);
    assert.match(result.stdout, /waiting for the running steps/);
    assert.deepEqual(
      project.things.map(({ urn }) => urn.split("::").at(-1)),
      ["a"],
    );
    assert.ok(latest().resources.some(({ urn }) => urn.endsWith("::a")));
    assert.equal(latest().pending_operations, undefined);
  });

  it("an interrupt during the silent first run changes nothing", async () => {
    const before = project.things.length;
    project.program(
      `require("fs").writeFileSync("looked", ""); setTimeout(() => undefined, 3000);\n${program}`,
    );
    const { code, stderr } = await project.run(["up", "--yes", "--skip-preview"], {
      signalWhen: () => existsSync(join(project.folder, "looked")),
    });
    assert.equal(code, 8, stderr);
    assert.match(stderr, /interrupted: nothing was changed/);
    assert.equal(project.things.length, before);
    assert.deepEqual(locks(), []);
    project.program(program);
  });

  it("one key press that arrives twice counts once; a second press ends stuck steps and removes the lock", async () => {
    const options = { env: { FAKE_SLOW: "2000" }, signalAfter: /Thing b creating/ };
    const once = await project.run(["up", "--yes", "--skip-preview"], { ...options, signals: [0, 20] });
    assert.equal(once.code, 8, once.stderr);
    assert.doesNotMatch(once.stdout, /stopping at once/);
    assert.equal(project.things.length, 2);
    const stuck = { env: { FAKE_SLOW: "60000" }, signalAfter: /Thing c creating/, signals: [0, 500] };
    const started = Date.now();
    const twice = await project.run(["up", "--yes", "--skip-preview"], stuck);
    assert.equal(twice.code, 8, twice.stderr);
    assert.match(twice.stdout, /stopping at once/);
    assert.ok(Date.now() - started < 30_000);
    assert.deepEqual(locks(), []);
    assert.equal(latest().pending_operations?.length, 1, "what was under way is noted");
    await project.ok(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]);
  });

  it("a failing step fails the run; what succeeded is kept, and the next run goes on", async () => {
    const failed = await project.run(["up", "--yes", "--skip-preview"], { env: { FAKE_FAIL: "create c" } });
    assert.equal(failed.code, 1);
    assert.match(failed.stdout, /fake:index:Thing \(c\):\n {4}error: asked to fail/);
    assert.equal(latest().resources.length, 4);
    await project.ok(["up", "--yes", "--skip-preview"]);
    assert.equal(project.things.length, 3);
  });

  it("refuses a wrong passphrase and a damaged state, naming the backup", async () => {
    const env = { PULUMI_CONFIG_PASSPHRASE: "wrong" };
    const wrong = await project.run(["up", "--yes", "--skip-preview"], { env });
    assert.match(wrong.stderr, /error: incorrect passphrase/);
    const good = project.read(state);
    const path = join(project.folder, state);
    const cases: [string, RegExp][] = [
      [good.slice(0, good.length / 2), /corrupted and was not used/],
      [good.replace(/"magic":"\w{8}/, '"magic":"00000000'), /magic cookie mismatch/],
      [good.replace("Thing::a", "Thing::z"), /is missing/],
    ];
    for (const [text, reason] of cases) {
      writeFileSync(path, text);
      const refused = await project.run(["up", "--yes", "--skip-preview"]);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, reason);
      assert.match(refused.stderr, /dev\.json\.bak \(.*\): look at it, then copy it over dev\.json/);
      assert.equal(project.read(state), text, "nothing was written over it");
    }
    writeFileSync(path, good);
  });

  it("touches nothing while the silent run that starts with it isn't over", async () => {
    const [before, world] = [project.read(state), project.things];
    project.program(
      `new Thing("early");
       if (pulumi.runtime.isDryRun()) setTimeout(() => new Thing("late", { strange: 1 }), 1500);`,
    );
    const { code, stdout, stderr } = await project.run(["up", "--yes", "--skip-preview"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /property "strange" of fake:index:Thing/);
    assert.equal(stdout, "");
    assert.deepEqual(project.things, world);
    assert.equal(project.read(state), before);
    assert.deepEqual(locks(), []);
  });

  it("names what it doesn't support before anything changes", async () => {
    const before = project.read(state);
    const refusals: [string, RegExp][] = [
      [`new Thing("n", { strange: 1 });`, /property "strange" of fake:index:Thing/],
      [`new Thing("n", {}, { transforms: [() => undefined] });`, /"n": the resource option "transforms"/],
      [`pulumi.runtime.invoke("fake:index:other", {});`, /the function "fake:index:other"/],
      [`new Thing("n", {}, { id: "x" });`, /fake:index:Thing "n": reading what the stack doesn't own/],
      [`new pulumi.StackReference("base");`, /pulumi:pulumi:StackReference "base": reading what/],
      [`new Thing("n", { list: [new pulumi.asset.StringAsset("hi")] });`, /an asset or archive/],
    ];
    for (const [text, reason] of refusals) {
      project.program(`new Thing("first");\n${text}`);
      const { code, stdout, stderr } = await project.run(["up", "--yes", "--skip-preview"]);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, reason);
      assert.match(stderr, /use the official Pulumi CLI \(npm install -g pulumi\)/);
    }
    assert.equal(project.read(state), before);
    for (const [args, reason] of [
      [["up", "--yes", "--plan", "x"], /unknown option '--plan'.*npm install -g pulumi/],
      [["watch"], /unknown command 'watch'.*npm install -g pulumi/],
      [
        ["stack", "init", "x", "--secrets-provider", "awskms://k"],
        /'--secrets-provider'.*npm install -g pulumi/,
      ],
      [["login", "s3://bucket"], /unknown command 'login'.*npm install -g pulumi/],
    ] as const) {
      const { code, stderr } = await project.run([...args]);
      assert.equal(code, 2);
      assert.match(stderr, reason);
    }
    const env = { PULUMI_BACKEND_URL: "s3://bucket" };
    assert.match((await project.run(["stack", "ls"], { env })).stderr, /the state backend s3:\/\/bucket/);
  });
}).timeout(120_000);
