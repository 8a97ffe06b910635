import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { label, Progress } from "../../automation/lib/progress.ts";

const RECORDED = join(__dirname, "..", "..", "engine", "test", "fixtures", "pulumi-3.260");

/** Events that the official engine sent. */
function recorded(name: string): EngineEvent[] {
  const lines = readFileSync(join(RECORDED, name), "utf8").trim().split("\n");
  return lines.map((text) => JSON.parse(text) as EngineEvent);
}

function follow(events: EngineEvent[]): { progress: Progress; lines: string[] } {
  const lines: string[] = [];
  const progress = new Progress((text) => lines.push(text));
  events.forEach(progress.onEvent);
  return { progress, lines };
}

const diagnostic = (severity: string, message: string, more: object = {}): EngineEvent =>
  ({
    sequence: 1,
    timestamp: 1,
    diagnosticEvent: { severity, message, color: "never", ...more },
  }) as EngineEvent;

const URN = "urn:pulumi:prod::fairlead::fairlead:index:Edge$docker:index/container:Container::edge";

describe("the progress of an update", () => {
  it("says each resource of a recorded update once, and no component, stack or default provider", () => {
    const { progress, lines } = follow(recorded("up-events.jsonl"));
    assert.deepEqual(lines.map((text) => text.replace(/ \(.*/s, "")).sort(), [
      "created hello [Command]",
      "created net [Network]",
      "created pw [RandomPassword]",
      "created vol [Volume]",
      "created web [Container]",
      "hello [Command]: hello",
    ]);
    assert.equal(progress.changed, 7);
    assert.deepEqual(progress.errors, []);
  });

  it("counts a replacement once and what stayed the same not at all", () => {
    assert.equal(follow(recorded("replace-events.jsonl")).progress.changed, 2);
  });

  it("counts nothing before the summary", () => {
    assert.equal(follow([]).progress.changed, 0);
  });

  it("names what is still under way", () => {
    const step = (name: string): EngineEvent =>
      ({
        resourcePreEvent: {
          metadata: { op: "create", urn: `u::v::t::${name}`, type: "t", new: { custom: true } },
        },
      }) as unknown as EngineEvent;
    const end = {
      resOutputsEvent: { metadata: { op: "create", urn: "u::v::t::a" } },
    } as unknown as EngineEvent;
    const { lines } = follow([step("a"), step("b"), end]);
    assert.match(lines.join(), /^created a \[t\] \(0\.\d s\) {2}… b \[t\]$/);
  });

  it("collects errors with their resource, without colour codes and without what only flickers", () => {
    const { progress, lines } = follow([
      diagnostic("error", "<{%fg 1%}>no such image<{%reset%}>\n", { urn: URN }),
      diagnostic("error", "passing", { ephemeral: true }),
      diagnostic("error", "update failed"),
      diagnostic("info", "draining api: 3 open", { urn: URN }),
      diagnostic("info", "nobody's words"),
    ]);
    assert.deepEqual(progress.errors, ["edge [Container]: no such image", "update failed"]);
    assert.deepEqual(lines, ["edge [Container]: draining api: 3 open"]);
  });

  it("leaves out of an error what the server said while it waited", () => {
    const { progress } = follow([
      diagnostic(
        "error",
        'Process exited with status 1: running "fairlead release apply":\n' +
          "shop-1: its command runs: Applying 0001... OK\nwaiting for shop-1-1: GET / on port 80: refused\n" +
          "fairlead release apply: release shop-1 gets no traffic.\nLast log lines:\nwaiting for the database\n",
        { urn: URN },
      ),
    ]);
    assert.equal(
      progress.errors[0],
      'edge [Container]: Process exited with status 1: running "fairlead release apply":\n' +
        "fairlead release apply: release shop-1 gets no traffic.\nLast log lines:\nwaiting for the database",
    );
  });

  it("labels a resource by name and kind", () => {
    assert.equal(label(URN), "edge [Container]");
  });
});
