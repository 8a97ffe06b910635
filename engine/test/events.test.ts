import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Bus, type DetailedDiff, type EngineEvent, type Op, type Step } from "../src/events/bus.ts";
import { eventJson } from "../src/events/json.ts";
import type { ResourceState } from "../src/state/types.ts";
import { blindSecrets, decodeProps, type JsonObject } from "../src/values/codec.ts";

interface Metadata {
  op: Op;
  urn: string;
  old: JsonObject | null;
  new: JsonObject | null;
  keys?: string[];
  diffs?: string[];
  detailedDiff: Record<string, { diffKind: string; inputDiff: boolean }> | null;
  logical?: boolean;
}

const stateOf = (json: JsonObject | null): ResourceState | undefined => {
  if (!json) return undefined;
  const { inputs, outputs, ...rest } = json;
  const props = [inputs, outputs].map((p) => decodeProps((p ?? {}) as JsonObject, blindSecrets));
  return {
    ...(rest as unknown as ResourceState),
    inputs: props[0] ?? {},
    outputs: props[1] ?? {},
    dependencies: [],
  };
};

function stepOf({ op, urn, keys, diffs, detailedDiff, logical, ...states }: Metadata): Step {
  const entries = Object.entries(detailedDiff ?? {});
  const diff = entries.map(
    ([path, { diffKind, inputDiff }]) => [path, { kind: diffKind, inputDiff }] as const,
  );
  return {
    op,
    urn,
    keys: keys ?? [],
    diffs: diffs ?? [],
    logical: logical ?? false,
    old: stateOf(states.old),
    new: stateOf(states.new),
    detailedDiff: detailedDiff && (Object.fromEntries(diff) as DetailedDiff),
  };
}

/** What the engine would have to say for the recorded event. */
function eventOf(recorded: JsonObject): EngineEvent | undefined {
  const metadata = (kind: string): Metadata | undefined =>
    (recorded[kind] as { metadata: unknown } | undefined)?.metadata as Metadata | undefined;
  const [pre, outputs] = [metadata("resourcePreEvent"), metadata("resOutputsEvent")];
  if (pre) return { kind: "pre", step: stepOf(pre) };
  if (outputs) return { kind: "outputs", step: stepOf(outputs) };
  const diag = recorded["diagnosticEvent"] as Extract<EngineEvent, { kind: "diag" }> | undefined;
  if (diag) return { ...diag, kind: "diag" };
  const prelude = recorded["preludeEvent"] as { config: Record<string, string> } | undefined;
  if (prelude) return { kind: "prelude", config: prelude.config };
  const summary = recorded["summaryEvent"] as JsonObject | undefined;
  if (!summary) return recorded["cancelEvent"] ? { kind: "cancel" } : undefined;
  return {
    kind: "summary",
    changes: summary["resourceChanges"] as Record<string, number>,
    seconds: Number(summary["durationSeconds"]),
    preview: summary["isPreview"] === true,
    result: "succeeded",
  };
}

describe("engine events", () => {
  for (const file of [
    "pulumi-3.260/up-events.jsonl",
    "pulumi-3.260/replace-events.jsonl",
    "pulumi-3.260-server/up-r2-events.jsonl",
    "pulumi-3.260-server/destroy-events.jsonl",
  ]) {
    it(`have the official shape: ${file}`, () => {
      const all = readFileSync(join(import.meta.dirname, "fixtures", file), "utf8")
        .trim()
        .split("\n");
      // Assets are refused, so no event of this engine has one.
      const lines = all.filter((line) => !line.includes("command:remote:CopyToRemote"));
      assert.ok(lines.length > 15);
      for (const line of lines) {
        const { sequence, timestamp, ...recorded } = JSON.parse(line) as JsonObject;
        const event = eventOf(recorded);
        assert.ok(event, line.slice(0, 200));
        const json = eventJson(event, Number(sequence));
        assert.deepEqual({ ...json, timestamp }, { sequence, timestamp, ...recorded });
      }
    });
  }
});

describe("events that are kept back", () => {
  const state = { urn: "u", type: "t", custom: true, inputs: {}, outputs: {}, dependencies: [], parent: "" };

  it("arrive once they are released, in their order and as they were", () => {
    const [bus, seen] = [new Bus(), [] as string[]];
    bus.listen((event) => seen.push("step" in event ? JSON.stringify(event.step.new?.outputs) : event.kind));
    const next = { ...state } as ResourceState;
    bus.hold();
    bus.emit({ kind: "prelude", config: {} });
    bus.emit({ kind: "pre", step: { op: "same", urn: "u", new: next, logical: true } });
    next.outputs = { made: "later" };
    assert.deepEqual(seen, []);
    bus.release();
    bus.emit({ kind: "outputs", step: { op: "same", urn: "u", new: next, logical: true } });
    assert.deepEqual(seen, ["prelude", "{}", '{"made":"later"}']);
  });
});
