import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Props } from "../../src/providers/contract.ts";
import { FIXTURES } from "../support/recording.ts";
import { checked, context, recorded, seed } from "./golden.ts";
import type { Recorded } from "./golden.ts";

const STATES = [
  ["pulumi-3.260", "export.json", 5],
  ["pulumi-3.260-server", "state-r1/.pulumi/stacks/vps/dev.json", 10],
  ["pulumi-3.260-server", "state-r2/.pulumi/stacks/vps/dev.json", 10],
] as const;

for (const [folder, state, count] of STATES) {
  const resources = recorded(folder, state);
  describe(`recorded by the official providers: ${folder}/${state}`, () => {
    it(`has ${count} resources of these providers`, () => assert.equal(resources.length, count));
    for (const r of resources) {
      it(`${r.name}: check of the program's values gives the recorded inputs`, async () => {
        assert.deepEqual(await checked(r.type, r.urn, r.source, r.inputs), r.inputs);
      });
      it(`${r.name}: a new resource gets the same inputs`, async () => {
        const inputs = await checked(r.type, r.urn, r.source);
        const named = r.inputs["name"] !== undefined && r.source["name"] === undefined;
        if (named) assert.match(String(inputs["name"]), new RegExp(`^${r.name}-[0-9a-f]{7}$`));
        assert.deepEqual(named ? { ...inputs, name: r.inputs["name"]! } : inputs, r.inputs);
      });
      it(`${r.name}: no change`, async () => {
        const inputs = await checked(r.type, r.urn, r.source, r.inputs);
        const diff = await r.type.diff(context(), r.id, r.urn, r.inputs, r.outputs, inputs);
        assert.deepEqual(diff.detailedDiff, {});
        assert.deepEqual([diff.changes, diff.diffs, diff.replaces], ["none", [], []]);
      });
      // An update without a change writes the whole state again: it must be as recorded.
      if (/Container|Network|Volume|Random/.test(r.type.type))
        it(`${r.name}: outputs are written as recorded`, async () => {
          const { outputs } = await r.type.update(
            context(),
            r.id,
            r.urn,
            r.inputs,
            r.outputs,
            r.inputs,
            false,
          );
          assert.deepEqual(outputs, r.outputs);
        });
    }
  });
}

describe("recorded by the official providers after a refresh", () => {
  const resources = recorded("pulumi-3.260", "state/.pulumi/stacks/probe/dev.json");
  it("are some", () => assert.ok(resources.length > 0));
  for (const r of resources)
    it(`${r.name}: no change`, async () => {
      const inputs = await checked(r.type, r.urn, r.source, r.inputs);
      const diff = await r.type.diff(context(), r.id, r.urn, r.inputs, r.outputs, inputs);
      assert.deepEqual([diff.changes, diff.detailedDiff], ["none", {}]);
    });
});

interface Step {
  op: string;
  urn: string;
  newState?: { inputs: Props };
  diffReasons?: string[];
  detailedDiff: Record<string, { kind: string; inputDiff: boolean }> | null;
}

const byName = (list: Recorded[], name: string): Recorded => {
  const found = list.find((r) => r.name === name);
  assert.ok(found, `no ${name} in the fixture`);
  return found;
};

describe("the official previews", () => {
  const before = recorded("pulumi-3.260-server", "state-r1/.pulumi/stacks/vps/dev.json");
  const text = readFileSync(join(FIXTURES, "pulumi-3.260-server/preview-r2.json"), "utf8");
  const steps = (JSON.parse(text) as { steps: Step[] }).steps.filter((step) => step.op === "replace");

  it("replace two commands", () => assert.equal(steps.length, 2));
  for (const step of steps) {
    const r = byName(before, step.urn.slice(step.urn.lastIndexOf("::") + 2));
    it(`${r.name}: the same diff`, async () => {
      // Connections are masked in the preview; they don't change.
      const next: Props = { ...step.newState!.inputs };
      if ("connection" in next) next["connection"] = r.inputs["connection"]!;
      const diff = await r.type.diff(
        context(),
        r.id,
        r.urn,
        r.inputs,
        r.outputs,
        await checked(r.type, r.urn, next),
      );
      assert.deepEqual(diff.detailedDiff, step.detailedDiff);
      assert.deepEqual([...diff.diffs].sort(), [...step.diffReasons!].sort());
      assert.deepEqual(diff.replaces, ["triggers"]);
    });
  }

  it("a changed label of a container replaces it", async () => {
    const events = readFileSync(join(FIXTURES, "pulumi-3.260/replace-events.jsonl"), "utf8")
      .trim()
      .split("\n");
    type Metadata = { op: string; urn: string; keys?: string[]; diffs?: string[]; detailedDiff: unknown };
    const all = events.map((line) => JSON.parse(line) as { resourcePreEvent?: { metadata: Metadata } });
    const web = all
      .map((e) => e.resourcePreEvent?.metadata)
      .find((m) => m?.op === "replace" && m.urn.endsWith("::web"));
    const r = byName(recorded("pulumi-3.260", "state/.pulumi/stacks/probe/dev.json"), "web");
    const news = await checked(
      r.type,
      r.urn,
      { ...r.source, labels: [{ label: "release", value: "3" }] },
      r.inputs,
    );
    const diff = await r.type.diff(context(), r.id, r.urn, r.inputs, r.outputs, news);
    assert.deepEqual([diff.replaces, diff.diffs, diff.deleteBeforeReplace], [web?.keys, web?.diffs, true]);
    assert.deepEqual(diff.detailedDiff, { "labels[0].value": { kind: "update-replace", inputDiff: false } });
    assert.deepEqual(Object.keys(diff.detailedDiff), Object.keys(web?.detailedDiff as object));
  });

  it("the first preview shows the same inputs", async () => {
    const create = JSON.parse(
      readFileSync(join(FIXTURES, "pulumi-3.260-server/preview-create.json"), "utf8"),
    ) as {
      steps: Step[];
    };
    const step = create.steps.find((s) => s.urn.endsWith("::data"));
    const r = byName(before, "data");
    const { inputs } = await r.type.check(context(), r.urn, undefined, r.source, seed);
    assert.deepEqual(inputs, step?.newState?.inputs);
  });
});
