import assert from "node:assert/strict";
import { toldWho } from "../../automation/verbs/alert.ts";

describe("npm run alert", () => {
  it("says who got the test, and why another one did not", () => {
    const receivers = { slack: { sent: 1, failed: 0 }, email: { sent: 0, failed: 2, why: "535 refused" } };
    assert.equal(
      toldWho({ receivers, seconds: 41 }),
      "slack: took the test\nemail: did not take it: 535 refused\nAfter 41 s. The end of the test is sent too.",
    );
  });
});
