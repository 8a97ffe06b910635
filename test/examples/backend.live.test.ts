import assert from "node:assert/strict";
import { request } from "node:http";
import { readEvents, type ServerEvent } from "./support/events.ts";
import { startBackend, type Server } from "./support/server.ts";
import { Socket } from "./support/socket.ts";
import { describeWithStores, sharedStores } from "./support/stores.ts";
import { until } from "./support/wait.ts";

describeWithStores("example backend: events and WebSockets", function () {
  this.timeout(60_000);
  let server: Server;

  before(async () => {
    server = await startBackend(await sharedStores(), { FRONTEND_URL: "https://example.org" });
  });
  after(() => server?.end());

  /** The first events of a stream. */
  async function events(
    count: number,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<ServerEvent[]> {
    const response = await server.fetch(path, { headers });
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    assert.equal(response.headers.get("x-accel-buffering"), "no");
    const found: ServerEvent[] = [];
    for await (const event of readEvents(response)) {
      found.push(event);
      if (found.length === count) break;
    }
    return found;
  }

  it("sends a tick each second, numbered, with the release", async () => {
    const start = performance.now();
    const ticks = await events(3, "/api/events");
    const seconds = (performance.now() - start) / 1000;
    assert.deepEqual(
      ticks.map(({ id, event, data }) => [id, event, data.id, data.release]),
      [1, 2, 3].map((id) => [String(id), "tick", id, "r1"]),
    );
    assert.ok(seconds > 1.9 && seconds < 5, `3 ticks took ${seconds} s`);
  });

  it("goes on after the last number that the client saw", async () => {
    const ids = (found: ServerEvent[]) => found.map(({ id }) => id);
    assert.deepEqual(ids(await events(1, "/api/events", { "Last-Event-ID": "41" })), ["42"]);
    assert.deepEqual(ids(await events(1, "/api/events?lastEventId=41")), ["42"]);
    for (const bad of ["x", "-3", "1e400"]) {
      assert.deepEqual(ids(await events(1, "/api/events", { "Last-Event-ID": bad })), ["1"], bad);
    }
  });

  it("says hello with its release, and echoes", async () => {
    for (const path of ["/ws", "/ws/"]) {
      const client = await Socket.open(server.url + path);
      client.socket.send("ahoy");
      await until("an echo", () => client.of("echo").length === 1);
      assert.equal(client.messages[0]?.type, "hello");
      assert.equal(client.messages[0]?.release, "r1");
      assert.deepEqual(client.of("echo"), [{ type: "echo", message: "ahoy", release: "r1" }]);
      client.socket.close();
      await client.closed;
    }
  });

  it("sends all visitors their number", async () => {
    const first = await Socket.open(`${server.url}/ws`);
    await until("1 visitor", () => first.of("visitors").at(-1)?.visitors === 1);
    const second = await Socket.open(`${server.url}/ws`);
    await until("2 visitors", () => first.of("visitors").at(-1)?.visitors === 2);
    second.socket.close();
    await until("1 visitor again", () => first.of("visitors").at(-1)?.visitors === 1);
    first.socket.close();
    await first.closed;
  });

  it("closes a connection that sends too much, and lives on", async () => {
    const client = await Socket.open(`${server.url}/ws`);
    client.socket.send("x".repeat(65 * 1024));
    assert.equal((await client.closed).code, 1009);
    assert.equal((await server.json("/health")).status, 200);
  });

  it("refuses WebSockets elsewhere, and from pages of strangers", async () => {
    await assert.rejects(Socket.open(`${server.url}/other`));
    const handshake = (origin: string) => upgradeStatus(server, origin);
    assert.equal(await handshake("https://evil.example"), 403);
    assert.equal(await handshake("null"), 403);
    assert.equal(await handshake("https://example.org"), 101);
    assert.equal(await handshake(server.url), 101);
  });
});

/** The status with which a WebSocket handshake from a page of this origin is answered. */
async function upgradeStatus(server: Server, origin: string): Promise<number> {
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": Buffer.from("0123456789abcdef").toString("base64"),
    Origin: origin,
  };
  return new Promise((resolve, reject) => {
    const req = request(`${server.url}/ws`, { headers });
    req.once("response", (res) => resolve(res.statusCode ?? 0));
    req.once("upgrade", (res, socket) => {
      socket.destroy();
      resolve(res.statusCode ?? 0);
    });
    req.once("error", reject).end();
  });
}
