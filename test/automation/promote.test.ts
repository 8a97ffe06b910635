import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAtomically } from "../../automation/lib/files.ts";
import type { StackOutputs } from "../../automation/lib/outputs.ts";
import { forgetShift, interruptedShift, noteShift } from "../../automation/lib/shift-note.ts";
import { edited } from "../../automation/lib/stack-file-edit.ts";
import { declared, wholly } from "../../automation/lib/traffic.ts";
import { plan } from "../../automation/verbs/promote.ts";
import { OUTPUTS } from "../support/outputs.ts";

/** Outputs of a stack that runs these images: application → weights by image. */
function runs(apps: Record<string, Record<string, number>>): StackOutputs {
  const releases = Object.entries(apps).map(([app, images]) => [
    app,
    Object.entries(images).map(([image, weight]) => ({ release: `${app}-${image}`, image, weight })),
  ]);
  return { ...OUTPUTS, releases: Object.fromEntries(releases) as StackOutputs["releases"] };
}

describe("the plan of a promotion", () => {
  const source = runs({ api: { "api@2": 100 }, web: { "web@1": 100 } });

  it("moves what differs and keeps what the target ran, to go back to", () => {
    const target = runs({ api: { "api@1": 100 }, web: { "web@1": 100 } });
    assert.deepEqual(plan(source, target, ["api", "web"]), [
      { app: "api", image: "api@2", before: [{ image: "api@1", weight: 100 }], state: "waiting" },
    ]);
  });

  it("is empty when both run the same", () => {
    assert.deepEqual(plan(source, source, ["api", "web"]), []);
  });

  it("moves everything to a target that runs nothing, with nothing to go back to", () => {
    const moves = plan(source, undefined, ["api", "web"]);
    assert.deepEqual(
      moves.map(({ app, before }) => [app, before]),
      [
        ["api", undefined],
        ["web", undefined],
      ],
    );
  });

  it("keeps the target's order, and leaves out what the source doesn't run or the target doesn't know", () => {
    const apps = plan(source, undefined, ["web", "worker", "api"]).map(({ app }) => app);
    assert.deepEqual(apps, ["web", "api"]);
  });

  it("takes the release with the most weight of a source that spreads traffic", () => {
    const spread = runs({ api: { "api@2": 10, "api@3": 90 } });
    assert.equal(plan(spread, undefined, ["api"])[0]?.image, "api@3");
    assert.deepEqual(Object.keys(spread.releases.api!), ["0", "1"]);
    assert.equal(spread.releases.api![0]!.image, "api@2", "the source's list stays as it was");
  });

  it("makes a whole release of one that the target only tries out", () => {
    const canary = runs({ api: { "api@1": 90, "api@2": 10 } });
    assert.deepEqual(plan(source, canary, ["api"])[0]?.before, [
      { image: "api@1", weight: 90 },
      { image: "api@2", weight: 10 },
    ]);
  });

  it("takes up first what an earlier promotion was moving when it was killed, with what ran before that", () => {
    const target = runs({ api: { "api@2": 100 }, web: { "web@0": 100 } });
    const before = [{ image: "api@1", weight: 100 }];
    const interrupted = { app: "api", to: wholly("api@2"), before };
    const moves = plan(source, target, ["web", "api"], interrupted);
    assert.deepEqual(
      moves.map((move) => [move.app, move.before]),
      [
        ["api", before],
        ["web", [{ image: "web@0", weight: 100 }]],
      ],
    );
  });
});

describe("the note of a shift under way", () => {
  const folders = { root: "", local: "" };
  before(() => (folders.local = mkdtempSync(join(tmpdir(), "promotion-"))));
  after(() => rmSync(folders.local, { recursive: true }));

  it("is there until the shift ends, also when its run is killed", () => {
    const begun = { app: "api", to: [{ image: "api@2", weight: 10 }], before: wholly("api@1") };
    assert.equal(interruptedShift("prod", folders), undefined);
    noteShift("prod", begun, folders);
    assert.deepEqual(interruptedShift("prod", folders), begun);
    forgetShift("prod", folders);
    assert.equal(interruptedShift("prod", folders), undefined);
  });

  it("is read as an earlier version wrote it", () => {
    const before = wholly("api@1");
    writeAtomically(
      join(folders.local, "prod", "promotion.json"),
      JSON.stringify({ app: "api", image: "api@2", before }),
    );
    assert.deepEqual(interruptedShift("prod", folders), { app: "api", to: wholly("api@2"), before });
    forgetShift("prod", folders);
  });

  it("becomes an edit of the stack file that can be taken back", () => {
    const text = "config:\n  fairlead:domain: a.test\n";
    const to = edited(text, [declared("api", wholly("api@2"))]);
    assert.match(to, /fairlead:releases:\n {4}api:\n {6}- image: api@2\n {8}weight: 100\n/);
    assert.equal(edited(to, [declared("api", undefined)]), text);
  });
});
