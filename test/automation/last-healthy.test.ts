import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepHealthy, readHealthy, wayBack, type LastHealthy } from "../../automation/lib/last-healthy.ts";
import { OUTPUTS } from "../support/outputs.ts";

const api = (release: string, image: string): LastHealthy["releases"] => ({
  api: [{ release, image, weight: 100 }],
});
const KEPT: LastHealthy = {
  text: "config:\n  fairlead:apps: {api: {image: a, environment: {MODE: old}}}\n",
  releases: api("api-1", "a@sha256:1"),
  updated: "2026-01-01T00:00:10.000Z",
};
const CURRENT = KEPT.text.replace("old", "new");

describe("the way back to what a stack runs", () => {
  const running = { ...OUTPUTS, releases: KEPT.releases };

  it("is the configuration that was last seen healthy: settings and secrets of before come back too", () => {
    assert.equal(wayBack(KEPT, running, CURRENT, [KEPT.updated, "2026-01-01T00:00:00.000Z"]), KEPT.text);
  });

  const cases: Record<string, Parameters<typeof wayBack>> = {
    "somebody has deployed since": [KEPT, running, CURRENT, ["2026-01-01T00:00:11.000Z", KEPT.updated]],
    "something else runs": [{ ...KEPT, releases: api("api-0", "a@sha256:0") }, running, CURRENT, []],
    "nothing was remembered": [undefined, running, CURRENT, []],
  };
  for (const [why, args] of Object.entries(cases)) {
    it(`is the current configuration with the releases that run when ${why}`, () => {
      const text = wayBack(...args);
      assert.match(text, /MODE: new/);
      assert.match(text, /releases:\n {4}api:\n {6}- image: a@sha256:1\n {8}weight: 100/);
    });
  }

  it("keeps the weights of a release that is only tried out", () => {
    const releases = {
      api: [
        { release: "api-1", image: "a@sha256:1", weight: 90 },
        { release: "api-2", image: "a@sha256:2", weight: 10 },
      ],
    };
    const text = wayBack(undefined, { ...OUTPUTS, releases }, CURRENT, []);
    assert.match(text, /a@sha256:1\n {8}weight: 90\n {6}- image: a@sha256:2\n {8}weight: 10/);
  });
});

describe("what was seen healthy", () => {
  const folders = { root: "", local: "" };
  before(() => (folders.local = mkdtempSync(join(tmpdir(), "healthy-"))));
  after(() => rmSync(folders.local, { recursive: true }));

  it("is remembered, and forgotten where it can't be read", () => {
    assert.equal(readHealthy("test", folders), undefined);
    keepHealthy("test", KEPT, folders);
    assert.deepEqual(readHealthy("test", folders), KEPT);
    writeFileSync(join(folders.local, "test", "healthy.json"), '{"text": 1}');
    assert.equal(readHealthy("test", folders), undefined);
  });
});
