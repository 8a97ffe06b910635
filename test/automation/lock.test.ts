import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../automation/lib/errors.ts";
import { claimRun } from "../../automation/lock/run.ts";
import { interruptRun } from "../../automation/lock/server.ts";
import { Server } from "../../automation/lib/server.ts";
import { refuseIfLocked } from "../../automation/lock/stack.ts";

/** A process that has ended. */
const DEAD = spawnSync(process.execPath, ["-e", ""]).pid;

describe("runs of a checkout", () => {
  let local: string;
  beforeEach(() => (local = join(mkdtempSync(join(tmpdir(), "fairlead-runs-")), ".fairlead")));
  afterEach(() => rmSync(join(local, ".."), { recursive: true }));
  const file = (): string => join(local, "runs", "staging.json");

  it("are one at a time for each stack, and leave nothing behind", () => {
    const release = claimRun("staging", "npm run up", local);
    assert.throws(
      () => claimRun("staging", "npm run down", local),
      (error: UserError) =>
        /^npm run up of staging is running: .* \(pid \d+\), since .*Z\. Nothing was changed\.$/.test(
          error.message,
        ) &&
        /Wait for it/.test(error.remedy) &&
        error.remedy.includes(`delete ${file()}`),
    );
    claimRun("prod", "npm run up", local)();
    assert.ok(existsSync(file()), "the other stack's run took nothing of this one");
    release();
    assert.ok(!existsSync(local));
    claimRun("staging", "npm run up", local)();
  });

  it("that were killed are no obstacle; those of another machine are, until a person says so", () => {
    mkdirSync(join(local, "runs"), { recursive: true });
    const run = {
      who: "ann",
      host: hostname(),
      pid: DEAD,
      what: "npm run up",
      since: "2026-01-01T00:00:00Z",
    };
    writeFileSync(file(), JSON.stringify(run));
    claimRun("staging", "npm run up", local)();
    mkdirSync(join(local, "runs"), { recursive: true });
    writeFileSync(file(), JSON.stringify({ ...run, host: "elsewhere" }));
    assert.throws(
      () => claimRun("staging", "npm run up", local),
      (error: UserError) => /ann@elsewhere/.test(error.message) && error.remedy.includes(`delete ${file()}`),
    );
  });

  it("that were killed are no obstacle where another process has their id by now", () => {
    mkdirSync(join(local, "runs"), { recursive: true });
    const run = { who: "ann", host: hostname(), pid: process.pid, what: "npm run up" };
    const before = { ...run, identity: "an earlier boot 17", since: "2026-01-01T00:00:00Z" };
    writeFileSync(file(), JSON.stringify(before));
    claimRun("staging", "npm run up", local)();
  });

  it("end only their own claim", () => {
    const release = claimRun("staging", "npm run up", local);
    const other = {
      who: "ann",
      host: "elsewhere",
      pid: 1,
      what: "npm run up",
      since: "2026-01-01T00:00:00Z",
    };
    writeFileSync(file(), JSON.stringify(other));
    release();
    assert.deepEqual(JSON.parse(readFileSync(file(), "utf8")), other);
  });

  it("keep what a verb leaves in the folder", () => {
    const release = claimRun("staging", "npm run up", local);
    writeFileSync(join(local, "passphrase"), "x");
    release();
    assert.equal(readFileSync(join(local, "passphrase"), "utf8"), "x");
  });
});

describe("an engine that has the stack's lock", () => {
  const state = mkdtempSync(join(tmpdir(), "fairlead-state-"));
  const folder = join(state, ".pulumi/locks/organization/fairlead/staging");
  after(() => rmSync(state, { recursive: true }));
  const locked = (pid: number, host = hostname()): void => {
    mkdirSync(folder, { recursive: true });
    const lock = { pid, username: "ann", hostname: host, timestamp: "2026-01-01T00:00:00Z" };
    writeFileSync(join(folder, "one.json"), JSON.stringify(lock));
  };

  it("is respected before anything changes, and named", () => {
    refuseIfLocked("staging", state);
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
    locked(child.pid!);
    assert.throws(
      () => refuseIfLocked("staging", state),
      (error: UserError) =>
        error.message.includes(`locked by ann@${hostname()} (pid ${child.pid})`) &&
        error.message.endsWith("Nothing was changed.") &&
        error.remedy.includes("npx pulumi cancel --stack staging"),
    );
    refuseIfLocked("prod", state);
    child.kill();
  });

  it("of another machine is respected; one that has died here isn't there any more", () => {
    locked(DEAD, "elsewhere");
    assert.throws(() => refuseIfLocked("staging", state), /ann@elsewhere/);
    locked(DEAD);
    refuseIfLocked("staging", state);
  });
});

describe("what a run waits for on its server", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "fairlead-waits-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A server whose answer is this; it writes down what it was called with. */
  function server(answer: string): Server {
    const client = join(folder, "ssh");
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >${folder}/words\ncat >${folder}/input\n${answer}\n`;
    writeFileSync(client, script, { mode: 0o755 });
    return new Server({ client, ssh: ["-p", "22", "root@vps"], tool: "/usr/local/bin/fairlead" });
  }

  it("ends by a call in the name of its stack and with the lock's token", async () => {
    await interruptRun(server(`echo '{"interrupted": true}'`), "one", "abc npm run up");
    assert.equal(
      readFileSync(join(folder, "words"), "utf8"),
      "-p 22 root@vps /usr/local/bin/fairlead lock interrupt\n",
    );
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "input"), "utf8")), {
      ownerId: "one",
      token: "abc",
    });
  });

  it("doesn't end where the server knows no such call, which is an error", () =>
    assert.rejects(interruptRun(server("echo usage: fairlead >&2; exit 2"), "one", "abc npm run up")));
});
