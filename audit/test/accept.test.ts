import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { audit, exitCode, type AuditResult } from "../src/audit.ts";
import { page } from "../src/report/html.ts";
import { table } from "../src/report/table.ts";
import { siteTarget } from "../src/target.ts";
import { pair } from "./pair.ts";

const REASON = "an <internal> site: its users have the certificate";

describe("audit: a failure that is accepted", () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-accept-"));
  let server: Server;

  before(async () => {
    const names = ["-addext", "subjectAltName=DNS:accept.test"];
    server = createServer(pair(folder, "accept.test", undefined, ...names), (_, answer) => answer.end("ok"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const look = (only: string[], accept: Record<string, string> = {}): Promise<AuditResult> => {
    const { port } = server.address() as AddressInfo;
    const url = new URL(`https://accept.test:${port}/`);
    const target = siteTarget(url, { name: "maicivy", address: "127.0.0.1" });
    return audit(target, { only, accept }, () => undefined);
  };
  const ONLY = ["certificate.trusted", "certificate.names"];

  it("counts for neither the score nor the exit code", async () => {
    const strict = await look(ONLY);
    assert.deepEqual([exitCode(strict, "medium"), strict.score.points], [1, 50]);
    const lenient = await look(ONLY, { "certificate.trusted": REASON });
    assert.deepEqual([exitCode(lenient, "medium"), lenient.score.points], [0, 100]);
    assert.deepEqual(lenient.score.counts, { pass: 1, fail: 0, unknown: 0, skip: 0, accepted: 1 });
  });

  it("is in every report with its reason, and not among what is to do", async () => {
    const result = await look(ONLY, { "certificate.trusted": REASON });
    const [trusted] = result.findings;
    assert.deepEqual([trusted?.result, trusted?.accepted], ["accepted", REASON]);
    const text = stripVTControlCharacters(table(result, { threshold: "medium" }));
    assert.match(
      text,
      /≈ high {5}certificate\.trusted[^\n]*\n[^\n]*SIGNED[^\n]*\n\s+accepted: an <internal> site/,
    );
    assert.match(text, /1 passed, 0 failed, 0 could not be checked, 0 don't apply, 1 accepted/);
    assert.doesNotMatch(text, /What to do/);
    const html = page(result);
    assert.match(html, /class="accepted"[^]*accepted: an &lt;internal&gt; site/);
    assert.doesNotMatch(html, /What to do/);
  });

  it("is none when the check passes, and the reports say that the entry can go", async () => {
    const result = await look(["certificate.names"], { "certificate.names": REASON });
    assert.equal(result.findings[0]?.result, "pass");
    for (const text of [table(result, { threshold: "medium" }), page(result)])
      assert.match(text, /its entry under audit\.accept is no longer needed/);
  });

  it("doesn't accept what could not be checked", async () => {
    const result = await look(["ssh.agent"], { "ssh.agent": REASON });
    assert.equal(result.findings[0]?.result, "unknown");
    assert.equal(exitCode(result, "low"), 2);
  });
});
