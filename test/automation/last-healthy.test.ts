import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import {
  configured,
  keepDeployed,
  keepHealthy,
  readHealthy,
  settings,
  wayBack,
  type LastHealthy,
  type Update,
} from "../../automation/lib/last-healthy.ts";
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

  const update = (ended: string, mode: string): Update => ({
    ended,
    config: {
      "fairlead:apps": { objectValue: { api: { image: "a", environment: { MODE: mode } } }, secret: false },
    },
  });

  it("is the configuration that was last seen healthy: earlier settings and secrets come back too", () => {
    assert.equal(wayBack(KEPT, running, CURRENT, update(KEPT.updated, "old")), KEPT.text);
  });

  const later = update("2026-01-01T00:00:11.000Z", "later");
  const cases: Record<string, { args: Parameters<typeof wayBack>; mode: string }> = {
    "what a person has deployed since": { args: [KEPT, running, CURRENT, later], mode: "later" },
    "what runs, when that is something else": {
      args: [{ ...KEPT, releases: api("api-0", "a@sha256:0") }, running, CURRENT, later],
      mode: "later",
    },
    "what the last update left, when nothing was seen healthy": {
      args: [undefined, running, CURRENT, later],
      mode: "later",
    },
    "the current one, when nothing is known": { args: [undefined, running, CURRENT, undefined], mode: "new" },
  };
  for (const [what, { args, mode }] of Object.entries(cases)) {
    it(`is ${what}, with the releases that run`, () => {
      const text = wayBack(...args);
      assert.match(text, new RegExp(`MODE: ${mode}`));
      assert.match(text, /releases:\n {4}api:\n {6}- image: a@sha256:1\n {8}weight: 100/);
    });
  }

  it("has the settings of the history, with secrets that it conceals as the file has them", () => {
    const text =
      "# mine\nencryptionsalt: v1:x\nconfig:\n  docker:debug: true\n  edge:\n    gzip: true\n  fairlead:new: 1\n  key:\n    secure: v1:abc\n";
    const config = settings.parse({
      "docker:debug": { value: "true", secret: false },
      "fairlead:edge": { value: '{"gzip":false}', objectValue: { gzip: false }, secret: false },
      "fairlead:key": { secret: true },
      "fairlead:old": { value: "2", secret: false },
      "fairlead:sealed": {
        value: '{"a":{"secure":"v1:d"}}',
        objectValue: { a: { secure: "v1:d" } },
        secret: false,
      },
    });
    assert.equal(
      configured(text, config),
      '# mine\nencryptionsalt: v1:x\nconfig:\n  docker:debug: true\n  edge:\n    gzip: false\n  key:\n    secure: v1:abc\n  fairlead:old: "2"\n  fairlead:sealed:\n    a:\n      secure: v1:d\n',
    );
  });

  it("keeps the weights of a release that is only tried out", () => {
    const releases = {
      api: [
        { release: "api-1", image: "a@sha256:1", weight: 90 },
        { release: "api-2", image: "a@sha256:2", weight: 10 },
      ],
    };
    const text = wayBack(undefined, { ...OUTPUTS, releases }, CURRENT, undefined);
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

  it("is dated by the end of its update, and not kept where no history says it", () => {
    const outputs = { ...OUTPUTS, releases: KEPT.releases };
    const stack = { name: "dated" } as Stack;
    keepDeployed(stack, KEPT.text, { outputs }, folders);
    assert.equal(readHealthy("dated", folders), undefined);
    keepDeployed(stack, KEPT.text, { outputs, ended: new Date(KEPT.updated) }, folders);
    assert.deepEqual(readHealthy("dated", folders), KEPT);
  });
});
