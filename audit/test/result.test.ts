import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { audit, exitCode, type AuditResult, type Finding } from "../src/audit.ts";
import type { Result, Severity } from "../src/check.ts";
import { page } from "../src/report/html.ts";
import { table } from "../src/report/table.ts";
import { scored } from "../src/score.ts";
import { ABOUT } from "./healthy.ts";

const finding = (result: Result, severity: Severity, found = "something"): Finding => ({
  id: `group.${result}-${severity}`,
  title: "It is so",
  severity,
  requirements: ["H1"],
  remedy: "Make it so.",
  result,
  found,
  family: "Group",
});
const result = (...findings: Finding[]): AuditResult => ({
  target: "https://maicivy.test/",
  at: "2030-01-02T03:04:05.000Z",
  seconds: 1,
  findings,
  score: scored(findings),
});

describe("audit: the exit code", () => {
  it("is 1 for a failure at or above the threshold, and 2 for what could not be checked there", () => {
    const code = (threshold: Severity, ...findings: Finding[]): number =>
      exitCode(result(...findings), threshold);
    assert.equal(code("medium", finding("pass", "critical"), finding("skip", "high")), 0);
    assert.equal(code("medium", finding("fail", "low"), finding("unknown", "low")), 0);
    assert.equal(code("low", finding("fail", "low")), 1);
    assert.equal(code("medium", finding("unknown", "medium")), 2);
    assert.equal(code("high", finding("unknown", "critical"), finding("fail", "high")), 1);
  });
});

describe("audit: the score", () => {
  const points = (...findings: Finding[]): number | null => scored(findings).points;
  const many = (count: number): Finding[] => Array.from({ length: count }, () => finding("pass", "high"));

  it("is the share of weights, and the worst failure bounds it", () => {
    assert.equal(points(...many(3)), 100);
    assert.equal(points(finding("pass", "medium"), finding("fail", "medium")), 50);
    const bounds: [Severity, number][] = [
      ["critical", 40],
      ["high", 70],
      ["medium", 89],
      ["low", 99],
    ];
    for (const [severity, most] of bounds)
      assert.equal(points(...many(500), finding("fail", severity)), most);
  });

  it("counts half of what could not be checked, and nothing of what doesn't apply", () => {
    assert.equal(points(finding("pass", "high"), finding("unknown", "high")), 75);
    assert.equal(points(finding("pass", "high"), finding("skip", "critical")), 100);
    assert.equal(points(finding("skip", "high")), null);
  });
});

describe("audit: a server that nothing logs in to", () => {
  const target = { about: ABOUT, address: "127.0.0.1", httpPort: 1, httpsPort: 1, secrets: {} };

  it("passes nothing from inside, and says why", async () => {
    const { findings } = await audit(target, { only: ["ssh", "docker.5.4"] }, () => undefined);
    assert.ok(findings.length > 10 && findings.some(({ id }) => id === "docker.5.4"));
    for (const { id, result: state, found } of findings)
      assert.deepEqual(
        [state, found],
        ["unknown", "could not be checked: no way to log in was given (--ssh)"],
        id,
      );
  });

  it("passes nothing from outside without an answer, and skips the intrusive checks that are left out", async () => {
    const only = ["tls", "certificate", "headers", "limit"];
    const { findings } = await audit(target, { only, skipIntrusive: true }, () => undefined);
    const states = (ids: RegExp): string[] => [
      ...new Set(findings.filter(({ id }) => ids.test(id)).map(({ result: state }) => state)),
    ];
    assert.deepEqual(states(/^(tls|certificate|headers)\./), ["unknown"]);
    assert.deepEqual(states(/^limit\./), ["skip"]);
  });
});

describe("audit: the reports", () => {
  const findings = result(
    finding("pass", "critical"),
    finding("unknown", "high", "could not be checked: no answer"),
    finding("fail", "high", "<script>alert(1)</script>"),
    finding("fail", "critical"),
  );

  it("name what is to do, the gravest first, a failure before what is unknown", () => {
    const text = stripVTControlCharacters(table(findings, { threshold: "medium" }));
    const todo = text.slice(text.indexOf("What to do")).split("\n").slice(1, 4);
    assert.deepEqual(
      todo.map((line) => line.replace(/ +/g, " ").trim()),
      [
        "✗ critical group.fail-critical: Make it so.",
        "✗ high group.fail-high: Make it so.",
        "? high group.unknown-high: could not be checked: no answer",
      ],
    );
    assert.match(text, /score {4}40 of 100 \(E\)/);
    const html = page(findings);
    assert.ok(html.indexOf("group.fail-critical") < html.indexOf("group.fail-high"));
    assert.ok(html.indexOf("group.fail-high") < html.indexOf("group.unknown-high"));
  });

  it("give no score when nothing could be judged: it would be neither good nor bad", () => {
    const none = result(finding("skip", "low"));
    assert.match(stripVTControlCharacters(table(none, { threshold: "medium" })), /score {4}none: no check/);
    assert.match(page(none), /<title>[^<]*: none: no check applies</);
    assert.doesNotMatch(page(none), /null|NaN/);
  });

  it("run nothing that a server says", () => {
    assert.ok(!page(findings).includes("<script"));
    assert.match(page(findings), /&lt;script&gt;alert\(1\)/);
  });
});
