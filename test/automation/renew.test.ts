import assert from "node:assert/strict";
import { failure } from "../../automation/verbs/renew.ts";

const SSH = "ssh -F .fairlead/prod/ssh root@203.0.113.7";
const ended = (exitCode: number | undefined, stderr: string, timedOut = false) =>
  failure("prod", SSH, { exitCode, stderr, timedOut });

describe("a renewal that failed", () => {
  it("says what the authority said, and points to the runbook", () => {
    const { message, remedy } = ended(1, "banner\nfairlead renew: rateLimited: too many certificates\n");
    assert.equal(message, "rateLimited: too many certificates");
    assert.match(remedy, /docs\/certificates\.md/);
  });

  it("tells a server that can't be reached from an authority that refuses", () => {
    const { message, remedy } = ended(255, "ssh: connect to host 203.0.113.7 port 22: Connection refused\n");
    assert.match(message, /^prod can't be reached: ssh: connect .* refused$/);
    assert.equal(remedy, `${SSH} shows more.`);
  });

  it("says so when it took too long", () => {
    assert.match(ended(undefined, "", true).message, /didn't end within 20 minutes\.$/);
  });

  it("has words and a remedy for silence too", () => {
    for (const code of [1, 255, undefined]) {
      const { message, remedy } = ended(code, "");
      assert.ok(message && remedy);
    }
  });
});
