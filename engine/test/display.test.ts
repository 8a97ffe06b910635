import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe as describeStep } from "../src/display/diffLines.ts";
import { duration, summaryReport } from "../src/display/summary.ts";
import { progressLines } from "../src/display/progressLines.ts";
import { liveTree } from "../src/display/liveTree.ts";
import type { EngineEvent, Op, Step } from "../src/events/bus.ts";
import { Secret, UNKNOWN, type Props } from "../src/providers/contract.ts";
import type { ResourceState } from "../src/state/types.ts";
import { Mask } from "../src/values/mask.ts";

const urn = (name: string, type = "docker:index/container:Container"): string =>
  `urn:pulumi:dev::p::${type}::${name}`;
const stack = urn("p-dev", "pulumi:pulumi:Stack");
const group = urn("g", "p:index:Group");

const state = (u: string, inputs: Props, parent = ""): ResourceState => ({
  urn: u,
  custom: true,
  id: "id-1",
  type: u.split("::")[2] ?? "",
  inputs,
  outputs: inputs,
  dependencies: [],
  ...(parent ? { parent } : {}),
});
const step = (op: Op, u: string, parent = "", more: Partial<Step> = {}): Step => ({
  op,
  urn: u,
  new: state(u, {}, parent),
  logical: true,
  ...more,
});

const run: EngineEvent[] = [
  { kind: "pre", step: step("create", stack) },
  { kind: "pre", step: step("create", group, stack) },
  { kind: "pre", step: step("same", urn("quiet"), stack) },
  { kind: "pre", step: step("create", urn("web"), group) },
  { kind: "diag", severity: "warning", message: "slow disk\n", urn: urn("web") },
  { kind: "failed", step: step("create", urn("web"), group) },
  { kind: "diag", severity: "error", message: "no such image\n", urn: urn("web") },
  { kind: "outputs", step: step("create", group, stack) },
  {
    kind: "summary",
    changes: { create: 1, replace: 2, same: 3 },
    seconds: 65,
    preview: false,
    result: "failed",
  },
];

describe("what people see", () => {
  it("plain lines: begin, end, failure and diagnostics; nothing of what stays the same", () => {
    const lines: string[] = [];
    const print = progressLines((line) => lines.push(line.replace(/\d+\.\d+s/, "1.00s")), false);
    run.forEach(print);
    assert.deepEqual(lines, [
      " +  pulumi:pulumi:Stack p-dev creating (0s)",
      " +  p:index:Group g creating (0s)",
      " +  docker:index:Container web creating (0s)",
      "    docker:index:Container web  warning: slow disk",
      " +  docker:index:Container web creating failed (1.00s)",
      "    docker:index:Container web  error: no such image",
      " +  p:index:Group g created (1.00s)",
    ]);
  });

  it("the report: diagnostics by resource, counts, duration", () => {
    const lines: string[] = [];
    const options = { preview: false, revealOutputs: false, destroy: false };
    run.forEach(summaryReport((line) => lines.push(line), options));
    assert.deepEqual(lines, [
      "Diagnostics:",
      "  docker:index:Container (web):",
      "    warning: slow disk",
      "    error: no such image",
      "",
      "Resources:",
      "    + 1 created",
      "    +-2 replaced",
      "    3 unchanged",
      "\nDuration: 1m5s",
    ]);
    assert.equal(duration(3723), "1h2m3s");
  });

  it("a live tree with parents, without what stays the same, never wider than the terminal", () => {
    const out = new PassThrough() as PassThrough & { columns: number; rows: number };
    Object.assign(out, { columns: 60, rows: 30 });
    let text = "";
    out.on("data", (chunk: Buffer) => (text += chunk.toString()));
    run.forEach(liveTree(out as unknown as NodeJS.WriteStream, false));
    const frame = stripVTControlCharacters(text.split("\x1b[0J").at(-1) ?? "")
      .split("\n")
      .filter(Boolean);
    assert.match(frame[0] ?? "", /^ \+ {2}pulumi:pulumi:Stack p-dev {2}creating/);
    assert.match(frame[1] ?? "", /^ \+ {2}└─ p:index:Group g {2}created \(0\.0s\)/);
    assert.match(frame[2] ?? "", /^ \+ {5}└─ docker:index:Container web {2}\*\*failed\*\*/);
    assert.ok(frame.every((line) => line.length <= 60));
    assert.ok(!text.includes("quiet"));
  });

  it("a property diff: what changes, secrets masked, what isn't known yet named", () => {
    const old = state(urn("web"), { image: "a:1", env: new Secret("hidden-1"), port: 80 });
    const next = state(urn("web"), { image: UNKNOWN, env: new Secret("hidden-2"), labels: { a: "b" } });
    const detailedDiff: Step["detailedDiff"] = {
      image: { kind: "update-replace", inputDiff: true },
      env: { kind: "update", inputDiff: true },
      port: { kind: "delete", inputDiff: true },
      "labels.a": { kind: "add", inputDiff: true },
    };
    const lines = describeStep(step("replace", urn("web"), "", { old, new: next, detailedDiff }));
    assert.deepEqual(lines.slice(3), [
      '  ~ image: "a:1" => [unknown] (forces replacement)',
      "  ~ env: [secret] => [secret]",
      "  - port: 80",
      '  + labels.a: "b"',
    ]);
  });

  it("messages lose the secrets that are known, lines of them too", () => {
    const mask = new Mask();
    mask.learn({
      a: new Secret("s3cret-text"),
      key: [new Secret("-----BEGIN\nabcdefgh\n-----END")],
      open: "visible",
      connection: new Secret({ host: "server.example.com", user: "deploy", password: "hunter22" }),
      environment: new Secret({ DATABASE_URL: "postgres://me:pw@db/app" }),
    });
    assert.equal(mask.apply("x s3cret-text y abcdefgh visible"), "x [secret] y [secret] visible");
    assert.equal(mask.apply("deploy@server.example.com hunter22"), "deploy@server.example.com [secret]");
    assert.equal(mask.apply("no postgres://me:pw@db/app"), "no [secret]");
  });
});
