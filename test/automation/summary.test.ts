import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { summary } from "../../automation/verbs/summary.ts";
import type { UpResult } from "../../automation/verbs/up.ts";
import { OUTPUTS } from "../support/outputs.ts";

const RESULT: UpResult = {
  stack: "staging",
  changed: 12,
  outputs: OUTPUTS,
  probes: [
    { app: "api", url: "https://maicivy.test:8443/health/deep", ok: true, answer: "200", milliseconds: 9 },
    { app: "web", url: "https://maicivy.test:8443/", ok: false, answer: "502", milliseconds: 4 },
  ],
  certificateFile: ".fairlead/staging/ca.pem",
  seconds: 61.4,
  repaired: [],
  done: ["made a passphrase"],
};

const lines = (more: Partial<UpResult> = {}): string[] =>
  stripVTControlCharacters(summary({ ...RESULT, ...more }))
    .split("\n")
    .map((text) => text.trim());

describe("the summary of an update", () => {
  it("says what changed, where it runs, how it is and what set-up did", () => {
    const text = lines();
    assert.ok(text.includes("staging is up: 12 resources changed."));
    assert.ok(text.includes("URL      https://maicivy.test:8443/"));
    assert.ok(text.includes("health   ✓ api 200 (9 ms)"));
    assert.ok(text.includes("health   ✗ web 502 (4 ms)"));
    assert.ok(text.includes("images   debian"));
    assert.ok(text.includes("time     61 s"));
    assert.ok(text.includes("note     made a passphrase"));
  });

  it("ends with commands that fit this stack", () => {
    assert.deepEqual(lines().slice(lines().indexOf("Next:") + 1, -1), [
      "curl --cacert .fairlead/staging/ca.pem https://maicivy.test:8443/health/deep",
      OUTPUTS.ssh,
      "npm run down -- --stack staging",
    ]);
  });

  it("asks for the page of a stack whose applications have no health path", () => {
    assert.ok(
      lines({ probes: [] }).includes("curl --cacert .fairlead/staging/ca.pem https://maicivy.test:8443/"),
    );
  });

  it("says when nothing changed", () => {
    assert.ok(lines({ changed: 0 }).includes("Nothing changed; staging is up."));
  });

  it("shows the weights of traffic that is spread", () => {
    const [one] = OUTPUTS.releases.api!;
    const releases = {
      api: [
        { ...one!, weight: 90 },
        { ...one!, release: "api-2", weight: 10 },
      ],
    };
    const text = lines({ outputs: { ...OUTPUTS, releases } });
    assert.ok(text.includes("releases api-0123456789 (90), api-2 (10)"));
  });
});
