import assert from "node:assert/strict";
import { startBackend, type Line, type Server } from "./support/server.ts";
import { Socket } from "./support/socket.ts";
import { describeWithStores, sharedStores } from "./support/stores.ts";
import { until } from "./support/wait.ts";

describeWithStores("example backend: log (A21)", function () {
  this.timeout(60_000);
  let server: Server;

  before(async () => {
    server = await startBackend(await sharedStores());
  });
  after(() => server?.end());

  /** Waits for the log line of a request. */
  async function lineOf(path: string): Promise<Line> {
    const find = () => server.lines.find((line) => line.path === path);
    await until(`a line for ${path}`, () => find() !== undefined);
    return find() as Line;
  }

  it("writes one JSON line a request, with all that is asked, and not the query", async () => {
    const requestId = "5f0c6f4d9d2b4b0e8f4f6f5f4d3c2b1a";
    const headers = {
      "User-Agent": "probe/1.0",
      "X-Forwarded-For": "203.0.113.7",
      "X-Request-Id": requestId,
    };
    await server.fetch("/api/whoami?token=hush", { headers });
    const { time, duration, ...line } = await lineOf("/api/whoami");
    assert.deepEqual(line, {
      level: "info",
      service: "backend",
      release: "r1",
      method: "GET",
      path: "/api/whoami",
      status: 200,
      ip: "203.0.113.7",
      userAgent: "probe/1.0",
      requestId,
      msg: "request",
    });
    assert.ok(!Number.isNaN(Date.parse(String(time))));
    assert.ok(Number(duration) >= 0 && Number(duration) < 5000);
    assert.ok(!server.output.includes("hush"));
  });

  it("takes nothing for a request's id that could be a line or a text", async () => {
    await server.fetch("/api/nothing", { headers: { "X-Request-Id": 'x" or a sentence' } });
    assert.equal("requestId" in (await lineOf("/api/nothing")), false);
  });

  it("writes a line for a client that left, and for a closed WebSocket", async () => {
    const abort = AbortSignal.timeout(150);
    await assert.rejects(server.fetch("/api/slow?ms=5000", { method: "POST", signal: abort }));
    assert.equal((await lineOf("/api/slow")).status, 499);
    const client = await Socket.open(`${server.url}/ws`);
    client.socket.close(1000);
    const line = await lineOf("/ws");
    assert.deepEqual([line.status, line.code, line.method], [101, 1000, "GET"]);
  });

  it("keeps quiet about probes that are fine", async () => {
    await server.fetch("/health");
    await server.fetch("/metrics");
    await server.fetch("/api/large?kb=1");
    await lineOf("/api/large");
    assert.ok(server.lines.every(({ path }) => path !== "/health" && path !== "/metrics"));
  });
});
