import assert from "node:assert/strict";
import { failure } from "../../automation/lib/call-failed.ts";
import type { UserError } from "../../automation/lib/errors.ts";
import { explained } from "../../automation/verbs/renew.ts";

const SSH = "ssh -F .fairlead/prod/ssh root@203.0.113.7";
const ended = (exitCode: number | undefined, stderr: string, timedOut = false): UserError =>
  explained(
    "prod",
    SSH,
    failure("renew", { exitCode, stderr, timedOut }, { seconds: 1200, command: "ssh -v" }),
  );

describe("a renewal that failed", () => {
  it("says what the authority said, and points to the runbook", () => {
    const { message, remedy } = ended(1, "banner\nfairlead renew: rateLimited: too many certificates\n");
    assert.equal(message, "rateLimited: too many certificates");
    assert.match(remedy, /docs\/certificates\.md/);
  });

  it("distinguishes a server that can't be reached from an authority that refuses", () => {
    const { message, remedy } = ended(255, "ssh: connect to host 203.0.113.7 port 22: Connection refused\n");
    assert.match(message, /^prod can't be reached: ssh: connect .* refused$/);
    assert.equal(remedy, `${SSH} shows more.`);
  });

  it("says so when it took too long", () => {
    assert.match(ended(undefined, "", true).message, /didn't end within 20 minutes\.$/);
  });

  it("keeps what is said about tools of another version", () => {
    assert.match(ended(2, "usage: fairlead apply|remove < input.json").message, /older than this project/);
  });

  it("has words and a remedy for silence too", () => {
    for (const code of [1, 255, undefined]) {
      const { message, remedy } = ended(code, "");
      assert.ok(message && remedy);
    }
  });
});
