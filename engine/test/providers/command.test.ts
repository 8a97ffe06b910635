import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret, UNKNOWN, UnsupportedError } from "../../src/providers/contract.ts";
import type { Props } from "../../src/providers/contract.ts";
import { command } from "../../src/providers/command/index.ts";
import { inheritSecrets } from "../../src/values/value.ts";
import { checked, context, typeOf } from "./golden.ts";

const LOCAL = "command:local:Command";
const local = typeOf(LOCAL);
const urn = `urn:pulumi:dev::test::${LOCAL}::it`;

async function create(inputs: Props, ctx = context("/tmp")): Promise<Props> {
  return (await local.create(ctx, urn, await checked(local, urn, inputs), false)).outputs;
}

describe("the connection of a remote command", () => {
  it("has its private key marked by itself, as the official provider's check leaves it", async () => {
    const connection = { host: "h", user: "u", privateKey: "KEY" };
    const { inputs } = await typeOf("command:remote:Command").check(
      context("/tmp"),
      "urn",
      undefined,
      { connection },
      Buffer.alloc(32),
    );
    const sealed = inputs["connection"] as Props;
    assert.deepEqual([sealed["host"], sealed["user"]], ["h", "u"]);
    assert.deepEqual(sealed["privateKey"], new Secret("KEY"));
    const outputs = inheritSecrets({ connection }, { connection: new Secret(sealed) });
    assert.deepEqual(outputs["connection"], new Secret(sealed));
  });
});

describe("local.Command", () => {
  it("runs in the program's folder, with stdin, variables and another interpreter", async () => {
    assert.equal((await create({ create: "pwd" }))["stdout"], "/tmp");
    assert.equal((await create({ create: "pwd", dir: "/usr" }))["stdout"], "/usr");
    assert.equal(
      (await create({ create: "cat; echo $A", stdin: "in,", environment: { A: "b" } }))["stdout"],
      "in,b",
    );
    const node = { interpreter: [process.execPath, "-e"], create: "console.log(String(1 + 1))" };
    assert.equal((await create(node))["stdout"], "2");
  });

  it("drops one newline at the end and no more", async () => {
    assert.equal((await create({ create: "printf 'a\\n\\n'" }))["stdout"], "a\n");
  });

  it("shows lines while it runs, unless logging is off", async () => {
    const shown = async (logging?: string): Promise<string[]> => {
      const ctx = context("/tmp");
      await create({ create: "echo out; sleep 0.1; echo err >&2", ...(logging ? { logging } : {}) }, ctx);
      return ctx.said.map((s) => s.message);
    };
    assert.deepEqual(await shown(), ["out", "err"]);
    assert.deepEqual(await shown("stderr"), ["err"]);
    assert.deepEqual(await shown("stdout"), ["out"]);
    assert.deepEqual(await shown("none"), []);
  });

  it("does nothing without create, and survives a command that ignores its input", async () => {
    assert.deepEqual(await create({ delete: "true" }), { delete: "true", stdout: "", stderr: "" });
    assert.equal((await create({ create: "true", stdin: "x".repeat(1_000_000) }))["stdout"], "");
  });

  it("fails like the official provider", async () => {
    const message = 'exit status 3: running "echo a\\nexit 3":\na\n';
    await assert.rejects(create({ create: "echo a\nexit 3" }), { message });
    await assert.rejects(create({ create: "kill -9 $$" }), /^Error: signal: SIGKILL: running "kill/);
    await assert.rejects(create({ create: "true", dir: "/nowhere" }), /cannot run \/bin\/sh in \/nowhere/);
  });

  it("is stopped by an interrupt", async () => {
    const stop = new AbortController();
    const running = create({ create: "exec sleep 60" }, { ...context("/tmp"), signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await assert.rejects(running, /abort/i);
  });

  it("is stopped by customTimeouts, which the message names", async () => {
    const late = local.create(context("/tmp"), urn, { create: "exec sleep 60" }, false, 0.1);
    await assert.rejects(late, /not done after 0\.1 s; give it longer with customTimeouts/);
    const quick = await local.create(context("/tmp"), urn, { create: "echo in time" }, false, 60);
    assert.equal(quick.outputs["stdout"], "in time");
  });

  it("updates with update or else create, seeing the last output", async () => {
    const said = "echo was $PULUMI_COMMAND_STDOUT";
    const old = await create({ create: "echo one" });
    const update = async (news: Props): Promise<Props> =>
      (await local.update(context("/tmp"), "id", urn, {}, old, news, false)).outputs;
    assert.equal((await update({ create: said }))["stdout"], "was one");
    assert.equal((await update({ create: "false", update: said }))["stdout"], "was one");
    assert.equal((await update({ create: said, addPreviousOutputInEnv: false }))["stdout"], "was");
    assert.equal((await update({ delete: "true" }))["stdout"], "one");
    await assert.rejects(
      local.delete(context("/tmp"), "id", urn, {}, { ...old, delete: "exit 9" }),
      /exit status 9/,
    );
  });

  it("previews with an id, streams unknown, and runs nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "preview-"));
    try {
      const inputs = { create: "touch made", dir: folder };
      const made = await local.create(context(), urn, inputs, true);
      assert.match(made.id, /^it[0-9a-f]{8}$/);
      assert.deepEqual(made.outputs, { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN });
      assert.deepEqual(readdirSync(folder), []);
      await create(inputs);
      assert.deepEqual(readdirSync(folder), ["made"], "an update would have run it");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("replaces for triggers of any kind, and updates for the rest", async () => {
    const old: Props = { create: "x", triggers: ["a", { b: 1 }], environment: { "A.B": "1" } };
    const diff = (news: Props) =>
      local.diff(context(), "id", urn, old, { ...old, stdout: "", stderr: "" }, news);
    assert.equal((await diff(old)).changes, "none");
    const triggered = await diff({ ...old, triggers: ["a", { b: 2 }, "c"] });
    assert.deepEqual(
      Object.entries(triggered.detailedDiff).map(([path, d]) => `${path} ${d.kind}`),
      ["triggers[1].b update-replace", "triggers[2] add-replace"],
    );
    assert.deepEqual((await diff({ create: "x", environment: { "A.B": "1" } })).detailedDiff, {
      triggers: { kind: "delete-replace", inputDiff: false },
    });
    const plain = await diff({ ...old, environment: { "A.B": "2" }, stdin: UNKNOWN });
    assert.deepEqual([plain.replaces, plain.diffs.sort()], [[], ["environment", "stdin"]]);
    assert.ok('environment["A.B"]' in plain.detailedDiff);
  });
});

describe("the command provider", () => {
  it("refuses by name what is left to the official CLI", async () => {
    const refused = async (token: string, inputs: Props, name: RegExp): Promise<void> => {
      const check = typeOf(token).check(context(), urn, undefined, inputs, new Uint8Array(32));
      await assert.rejects(
        check,
        (error: Error) => error instanceof UnsupportedError && name.test(error.message),
      );
    };
    await refused(LOCAL, { assetPaths: ["*"] }, /property "assetPaths" of command:local:Command/);
    await refused(LOCAL, { archivePaths: ["*"] }, /archivePaths/);
    await refused(LOCAL, { shell: "zsh" }, /shell/);
    for (const [name, value] of Object.entries({ proxy: { host: "p" }, password: "word" }))
      await refused(
        "command:remote:Command",
        { connection: { host: "h", [name]: value } },
        new RegExp(`property "connection.${name}" of command:remote:Command`),
      );
  });

  it("names wrong inputs", async () => {
    const failures = async (token: string, inputs: Props): Promise<string[]> =>
      (await typeOf(token).check(context(), urn, undefined, inputs, new Uint8Array(32))).failures.map(
        (f) => `${f.property}: ${f.reason}`,
      );
    assert.deepEqual(await failures(LOCAL, { create: 1, interpreter: "sh" }), [
      "create: expected string, got number",
      "interpreter: expected texts, got string",
    ]);
    assert.match(
      (await failures("command:remote:Command", { connection: { port: "22" } })).join("\n"),
      /connection.port: expected number[^]*connection.host/,
    );
  });

  it("marks its instances like the official provider, and connections as secret", async () => {
    const { inputs } = await command.checkConfig({ version: "1.2.1" });
    assert.deepEqual(inputs, { version: "1.2.1", "__pulumi-go-provider-version": "v1.5.0" });
    assert.deepEqual(command.secretOutputs("command:remote:Command"), ["connection"]);
  });
});
