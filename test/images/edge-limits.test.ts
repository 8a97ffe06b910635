import assert from "node:assert/strict";
import type { ClientHttp2Session } from "node:http2";
import { until } from "../examples/support/wait.ts";
import { answerWaiting, config, HIGH, waiting } from "./edge-application.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine } from "./support.ts";

/** No limit of requests, those of what is under way as they are by default. */
const OFTEN = { rate: HIGH.rate, burst: 1000 };

onEngine("limits of the edge, with the real Nginx", function () {
  this.timeout(60_000);
  const site = edgeSite();
  after(answerWaiting);

  const burst = async (path: string, times: number, name?: string): Promise<Record<number, number>> => {
    const found: Record<number, number> = {};
    for (let index = 0; index < times; index++) {
      const { status } = await site.ask(path, { name });
      found[status] = (found[status] ?? 0) + 1;
    }
    return found;
  };

  it("of a route hold for that route", async () => {
    const found = await burst("/api/slowly", 6);
    assert.ok(found[200]! >= 3 && found[429]! >= 1, JSON.stringify(found));
    assert.deepEqual(await burst("/api/x", 30), { 200: 30 });
  });

  it("of an address hold for an application on a subdomain, not for an upstream with its many files", async () => {
    await site.use(config({ limits: {} }));
    assert.deepEqual(await burst("/health", 50, "tools.maicivy.test"), { 200: 50 });
    const found = await burst("/", 60, "status.maicivy.test");
    assert.ok(found[200]! >= 20 && found[429]! > 20, JSON.stringify(found));
    assert.equal((await site.ask("/api/x")).status, 429, "the same requests count on the main host");
  });

  it("of an address are 100 a minute with 20 at once, then 429; health paths go on", async () => {
    // At another rate, what was asked for before is forgotten.
    await site.use(config());
    assert.deepEqual(await burst("/api/x", 5), { 200: 5 });
    await site.use(config({ limits: {} }));
    const found = await burst("/api/health", 150);
    assert.ok(found[200]! >= 20 && found[200]! < 40 && found[429]! > 100, JSON.stringify(found));
    const { headers, body } = await site.ask("/", { headers: { accept: "text/html" } });
    assert.match(body.toString(), /Too many requests/);
    assert.equal(headers["retry-after"], "5");
    assert.deepEqual(await burst("/health", 60), { 200: 60 });
  });

  it("let one address have 10 requests under way over HTTP/1, and refuse the next", async () => {
    await site.use(config({ limits: OFTEN }));
    const answers = Array.from({ length: 10 }, () => site.ask("/api/wait"));
    await until("ten are under way", () => waiting.length === 10, 10);
    const next = await site.ask("/api/x");
    assert.deepEqual([next.status, next.headers["retry-after"]], [429, "5"]);
    assert.equal((await site.ask("/", { name: "tools.maicivy.test" })).status, 429, "of all names together");
    answerWaiting();
    assert.deepEqual(
      (await Promise.all(answers)).map(({ status }) => status),
      Array.from({ length: 10 }, () => 200),
    );
    assert.equal((await site.ask("/api/x")).status, 200, "whoever is done makes room");
  });

  it("let a page of HTTP/2 load a hundred files at once, and refuse what is above 128", async () => {
    await site.use(config({ limits: OFTEN }));
    const sessions = [site.http2(), site.http2()] as const;
    try {
      const answers = [
        ...Array.from({ length: 100 }, () => ask(sessions[0])),
        ...Array.from({ length: 28 }, () => ask(sessions[1])),
      ];
      await until("128 are under way", () => waiting.length === 128, 10);
      assert.equal(await ask(sessions[1]), 429);
      answerWaiting();
      assert.deepEqual(new Set(await Promise.all(answers)), new Set([200]));
    } finally {
      for (const session of sessions) session.close();
    }
  });

  it("don't hold for exempt networks", async () => {
    await site.use(config({ limits: { exempt: ["172.16.0.0/12", "10.0.0.0/8", "192.168.0.0/16"] } }));
    assert.deepEqual(await burst("/api/health", 50), { 200: 50 });
    assert.deepEqual(await burst("/api/slowly", 10), { 200: 10 }, "nor those of routes");
  });

  it("can be off, those of routes apart", async () => {
    await site.use(config({ limits: { enabled: false } }));
    assert.deepEqual(await burst("/api/health", 50), { 200: 50 });
    assert.ok((await burst("/api/slowly", 10))[429]! > 3);
  });
});

/** Status of an answer to one of many requests of a connection. */
function ask(session: ClientHttp2Session): Promise<unknown> {
  return new Promise((done, fail) => {
    const stream = session.request({ ":path": "/api/wait" });
    stream.on("response", (headers) => done(headers[":status"]));
    stream.on("error", fail).resume();
  });
}
