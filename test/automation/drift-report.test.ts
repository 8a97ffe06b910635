import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { Drift } from "../../automation/drift/drift.ts";
import type { Difference } from "../../automation/drift/look.ts";
import { machineReport, report } from "../../automation/drift/report.ts";

const drift = (differences: Difference[], more: Partial<Drift> = {}): Drift => ({
  stack: "prod",
  drifted: true,
  extras: [],
  unseen: [],
  jobs: [],
  found: new Map(),
  state: [],
  declaration: {} as Drift["declaration"],
  resources: [{ urn: "urn", name: "edge [Container]", differences }],
  ...more,
});
const one = (aspect: string, declared: string | null, found: string | null, thing = ""): Difference => ({
  thing,
  aspect,
  declared,
  found,
});
const text = (it: Drift): string => stripVTControlCharacters(report(it));

describe("the report of drift", () => {
  it("says so when there is none", () =>
    assert.equal(text(drift([], { drifted: false })), "prod is as it was declared."));

  it("shows how jobs ended, which is no drift", () => {
    const result = { state: "failed", words: "exit code 3", started: 100, ended: 160, seconds: 60 } as const;
    const job = {
      app: "shop",
      job: "nightly",
      calendars: ["*-*-* 03:00:00"],
      release: "shop-0123456789",
      timer: true,
      running: false,
      next: 200,
      result: { ...result, runs: 1, failures: 1, release: "shop-0123456789", lines: ["no such table"] },
    };
    const clean = drift([], { drifted: false, jobs: [job] });
    assert.match(text(clean), /^prod is as it was declared\.\n\njob {2}/);
    assert.match(text(clean), /shop\/nightly {2}failed: exit code 3 [^]*nightly:\n {2}no such table$/);
    assert.deepEqual((machineReport(clean) as Drift).jobs, [job]);
  });

  it("names what changed and by how much, by resource", () => {
    const lines = text(
      drift([
        one("memory", "512 MB", "1024 MB"),
        one("presence", "file", null, "/etc/x"),
        one("label", null, "b"),
      ]),
    );
    assert.match(
      lines,
      /^prod has drifted: 3 differences\.\n\nedge \[Container\]\n {2}memory: 512 MB → 1024 MB\n/,
    );
    assert.match(lines, /\n {2}\/etc\/x: missing\n {2}label: b, not declared\n/);
    assert.match(lines, /Repair it: npm run up -- --stack prod$/);
  });

  it("shows a small diff of a file, and cuts a long one", () => {
    const small = text(drift([one("content", "a\nb\nc\nd\n", "a\nb\nX\nd\n", "/etc/x")]));
    assert.match(small, /\/etc\/x content: differs\n {4}@@ line 2\n {5}b\n {4}-c\n {4}\+X\n {5}d\n/);
    const long = text(drift([one("content", "", "line\n".repeat(100), "/etc/x")]));
    assert.match(long, /… 7\d more lines/);
  });

  it("never tells a secret", () => {
    const secret = { ...one("content", "old-secret", "new-secret", "/run/x"), concealed: true };
    const it = drift([secret]);
    assert.match(text(it), /\/run\/x content: differs\n/);
    for (const said of [text(it), JSON.stringify(machineReport(it))]) assert.doesNotMatch(said, /-secret/);
  });

  it("keeps state, declaration and environments out of the machine's report", () => {
    const keys = Object.keys(machineReport(drift([one("content", "a\n", "b\n", "/x")])));
    assert.deepEqual(keys, ["stack", "drifted", "resources", "extras", "unseen", "jobs"]);
    assert.match(JSON.stringify(machineReport(drift([one("content", "a\n", "b\n", "/x")]))), /"-a","\+b"/);
  });
});
