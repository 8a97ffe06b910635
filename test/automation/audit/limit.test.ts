import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { rateLimit, type RateLimitEvidence } from "../../../automation/audit/families/rate-limit.ts";
import { urlTarget } from "../../../automation/audit/target.ts";

/** A site that answers 20 times and refuses then, health paths excepted; the paths that it was asked for. */
async function burst(
  health: string[],
  exempt: string[],
): Promise<{ seen: string[]; found: RateLimitEvidence }> {
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=limit.test", "-days", "1"];
  const pem = execFileSync("openssl", [...request, "-keyout", "-", "-out", "-"], { stdio: "pipe" });
  const seen: string[] = [];
  let left = 20;
  const server = createServer({ key: pem, cert: pem }, ({ url = "" }, answer) => {
    seen.push(url);
    answer.writeHead(exempt.includes(url) || left-- > 0 ? 200 : 429).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const { port } = server.address() as AddressInfo;
    const target = urlTarget(`https://limit.test:${port}/`, { address: "127.0.0.1" });
    assert.ok(rateLimit.source.where === "outside");
    const found = await rateLimit.source.gather(
      { ...target, about: { ...target.about, health } },
      () => undefined,
    );
    return { seen, found: found as RateLimitEvidence };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("audit: the burst", () => {
  it("ends soon after the first 429, and then asks for health", async () => {
    const { seen, found } = await burst(["/health"], ["/health"]);
    assert.equal(found.statuses["200"], 20);
    assert.ok(found.statuses["429"]! >= 5 && found.sent <= 40, JSON.stringify(found));
    assert.deepEqual([seen[0], seen.at(-1), found.starved], ["/", "/health", []]);
  });

  it("doesn't take the limit of health paths for the site's, where the page is one of them", async () => {
    const { seen, found } = await burst(["/"], ["/"]);
    assert.ok(!seen.slice(0, -1).includes("/"), seen.join(" "));
    assert.ok(found.statuses["429"]! >= 5);
    assert.deepEqual(found.starved, []);
  });

  it("finds health paths that the limit refuses", async () => {
    const { found } = await burst(["/health", "/ready"], ["/ready"]);
    assert.deepEqual(found.starved, ["/health"]);
  });
});
