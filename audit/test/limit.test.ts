import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { rateLimit, type RateLimitEvidence } from "../src/families/rate-limit.ts";
import type { RequestLimit } from "../src/about.ts";
import { siteTarget } from "../src/target.ts";
import { ABOUT } from "./healthy.ts";

/** A site that answers so many times and refuses then, health paths excepted; the paths that it was asked for. */
async function burst(
  health: string[],
  exempt: string[],
  { allowed = 20, limit }: { allowed?: number; limit?: RequestLimit } = {},
): Promise<{ seen: string[]; found: RateLimitEvidence }> {
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=limit.test", "-days", "1"];
  const pem = execFileSync("openssl", [...request, "-keyout", "-", "-out", "-"], { stdio: "pipe" });
  const seen: string[] = [];
  let left = allowed;
  const server = createServer({ key: pem, cert: pem }, ({ url = "" }, answer) => {
    seen.push(url);
    answer.writeHead(exempt.includes(url) || left-- > 0 ? 200 : 429).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const { port } = server.address() as AddressInfo;
    const target = siteTarget(new URL(`https://limit.test:${port}/`), {
      name: "maicivy",
      address: "127.0.0.1",
    });
    const found = await rateLimit.gather(
      { ...target, about: { ...target.about, health, stack: limit && { ...ABOUT.stack!, limit } } },
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

  describe("of a stack follows the declared figures", () => {
    const judged = (found: RateLimitEvidence, limit: RequestLimit): string => {
      const check = rateLimit.checks.find(({ id }) => id === "limit.429")!;
      return check.judge(found, { ...ABOUT, stack: { ...ABOUT.stack!, limit } }).result;
    };

    it("beyond 400 requests, where more are allowed at once", async () => {
      const limit = { perSecond: 10, burst: 500 };
      const { found } = await burst([], [], { allowed: 510, limit });
      assert.ok(found.sent > 510 && found.statuses["429"], JSON.stringify(found));
      assert.equal(judged(found, limit), "pass");
    });

    it("and fails a server that allows more than they do", async () => {
      const limit = { perSecond: 1, burst: 20 };
      const { found } = await burst([], [], { allowed: 1e6, limit });
      assert.ok(found.sent > 70 && found.sent < 400, JSON.stringify(found));
      assert.equal(judged(found, limit), "fail");
    });

    it("unless no client can reach them, which is no limit", async () => {
      const limit = { perSecond: 100_000, burst: 1000 };
      const { found } = await burst([], [], { allowed: 1e6, limit });
      assert.deepEqual([found.sent, judged(found, limit)], [400, "fail"]);
    });

    it("and says that it doesn't know, where it could not ask often enough", () => {
      const found = { statuses: { 200: 100 }, sent: 100, seconds: 30, starved: [], above: false };
      assert.equal(judged(found, { perSecond: 20, burst: 200 }), "unknown");
    });
  });

  it("finds health paths that the limit refuses", async () => {
    const { found } = await burst(["/health", "/ready"], ["/ready"]);
    assert.deepEqual(found.starved, ["/health"]);
  });
});
