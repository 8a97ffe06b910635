import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TOOLS = join(__dirname, "..", "..", "assets", "host");
const MARKER = { project: "fairlead", stack: "prod", name: "shop", id: "one", holds: {} };

/** The server's lock, by the real verb: a process for each run, as its SSH session would have it. */
describe("the lock of a server", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-hold-"));
  const running: ChildProcess[] = [];
  before(() => writeFileSync(join(folder, "owner.json"), JSON.stringify(MARKER)));
  afterEach(() => running.splice(0).forEach((child) => child.kill("SIGKILL")));
  after(() => rmSync(folder, { recursive: true }));

  /** Starts a run; resolves with what it was answered, and what ends it. */
  async function run(
    token: string,
    { ownerId = "one", silence = 60 } = {},
  ): Promise<{ answer: { state: string; by?: Record<string, string> }; child: ChildProcess; said: string }> {
    const program = [
      `import sys; sys.path.insert(0, ${JSON.stringify(TOOLS)})`,
      "from fairlead import __main__, hold, owner",
      `owner.MARKER = ${JSON.stringify(join(folder, "owner.json"))}`,
      `hold.LOCK, hold.PATIENCE, hold.SILENCE = ${JSON.stringify(join(folder, "lock"))}, 0.3, ${silence}`,
      'sys.argv = ["fairlead", "hold"]',
      "sys.exit(__main__.main())",
    ];
    const child = spawn("/usr/bin/python3", ["-B", "-c", program.join("\n")]);
    running.push(child);
    let [out, said] = ["", ""];
    child.stderr.on("data", (data: Buffer) => (said += String(data)));
    child.stdout.on("data", (data: Buffer) => (out += String(data)));
    child.stdin.on("error", () => undefined);
    child.stdin.write(`${JSON.stringify({ ownerId, token, who: "ann@laptop", what: "npm run up" })}\n`);
    await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    return { answer: out ? (JSON.parse(out) as { state: string }) : { state: "none" }, child, said };
  }

  it("has one run at a time, which the next one is told", async () => {
    const first = await run("a");
    assert.equal(first.answer.state, "held");
    const { answer } = await run("b");
    assert.equal(answer.state, "busy");
    assert.equal(`${answer.by!.what} by ${answer.by!.who}`, "npm run up by ann@laptop");
    assert.match(answer.by!.since!, /^\d{4}-.*Z$/);
    first.child.stdin!.end();
    await once(first.child, "close");
    assert.equal((await run("b")).answer.state, "held");
  });

  it("is shared by what one run starts, which keeps it when the run is killed", async () => {
    const first = await run("a");
    const second = await run("a");
    assert.equal(second.answer.state, "shared");
    assert.equal((await run("b")).answer.state, "busy");
    first.child.kill("SIGKILL");
    await once(first.child, "close");
    assert.equal((await run("b")).answer.state, "busy", "its engine goes on");
    second.child.stdin!.end();
    await once(second.child, "close");
    assert.equal((await run("b")).answer.state, "held");
  });

  it("is free when the run is killed, and when its connection says nothing any more", async () => {
    const killed = await run("a");
    killed.child.kill("SIGKILL");
    await once(killed.child, "close");
    const silent = await run("b", { silence: 0.5 });
    assert.equal(silent.answer.state, "held");
    await once(silent.child, "close");
    assert.equal((await run("c")).answer.state, "held");
  });

  it("isn't for a stack that doesn't own the server", async () => {
    const { answer, said } = await run("a", { ownerId: "two" });
    assert.equal(answer.state, "none");
    assert.match(said, /fairlead hold: this server belongs to the stack prod of fairlead/);
    assert.equal((await run("b")).answer.state, "held");
  });
});
