import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runningOutputs } from "../../automation/lib/running.ts";
import { approachServer, lockServer, releaseServer } from "../../automation/lock/server.ts";
import { OUTPUTS } from "../support/outputs.ts";

const STATE = {
  version: 3,
  deployment: {
    resources: [
      {
        urn: "urn:pulumi:prod::fairlead::pulumi:providers:docker::runtime",
        type: "pulumi:providers:docker",
        inputs: { host: "ssh://root@203.0.113.7:2222", sshOpts: '["-o","BatchMode=yes"]' },
      },
      {
        urn: "urn:pulumi:prod::fairlead::command:remote:Command::host-base",
        type: "command:remote:Command",
        inputs: { create: "/usr/local/bin/fairlead files apply", stdin: "{}" },
      },
    ],
  },
};

/** An engine and an SSH client that note how they were called. */
describe("what a run asks the engine and the server", () => {
  const path = process.env.PATH;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fairlead-ahead-"));
    writeFileSync(join(folder, "state"), JSON.stringify(STATE));
    writeFileSync(join(folder, "outputs"), JSON.stringify(OUTPUTS));
    program("pulumi", `case "$2" in export) cat "$D/state" ;; output) cat "$D/outputs" ;; esac`);
    program("ssh", `case "$*" in *hold) read hello; echo '{"state":"held"}'; cat >/dev/null ;; esac`);
    process.env.PATH = `${folder}${delimiter}${path}`;
  });
  afterEach(async () => {
    await releaseServer();
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  function program(name: string, does: string): void {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\nD=${folder}\necho "${name} $*" >> "$D/calls"\n${does}\n`);
    chmodSync(file, 0o755);
  }
  const calls = (pattern: RegExp): string[] => {
    const file = join(folder, "calls");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.filter((line) => pattern.test(line));
  };

  it("is the outputs once, with the secret ones", async () => {
    assert.deepEqual(await runningOutputs("prod"), OUTPUTS);
    assert.deepEqual(calls(/./), [
      "pulumi stack output --json --show-secrets --stack prod --non-interactive",
    ]);
  });

  it("is the state once, when the way to the server was looked for ahead", async () => {
    approachServer("prod");
    for (const end = Date.now() + 5000; calls(/^ssh/).length === 0 && Date.now() < end;) await sleep(20);
    assert.deepEqual(calls(/^ssh/), ["ssh -o BatchMode=yes -p 2222 root@203.0.113.7 true"]);
    assert.deepEqual(await lockServer("prod", "npm run deploy"), { status: "held" });
    assert.equal(calls(/^pulumi stack export/).length, 1);
    assert.match(calls(/^ssh/).at(-1)!, /root@203\.0\.113\.7 \/usr\/local\/bin\/fairlead hold$/);
  });

  it("is the state again, when it could not be read ahead or is another stack's", async () => {
    program("pulumi", `[ -e "$D/seen" ] && cat "$D/state"; : > "$D/seen"`);
    approachServer("prod");
    assert.deepEqual(await lockServer("prod", "npm run deploy"), { status: "held" });
    await releaseServer();
    approachServer("staging");
    assert.deepEqual(await lockServer("prod", "npm run deploy"), { status: "held" });
    assert.deepEqual(
      calls(/^pulumi/).map((line) => / --stack (\w+) /.exec(line)?.[1]),
      ["prod", "prod", "staging", "prod"],
    );
  });
});
