import assert from "node:assert/strict";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { readEvents } from "./support/events.ts";
import { isOpen } from "./support/port.ts";
import { Server, startBackend } from "./support/server.ts";
import { Socket } from "./support/socket.ts";
import { describeWithStores, sharedStores, type Stores } from "./support/stores.ts";
import { until } from "./support/wait.ts";

describeWithStores("example backend: graceful stop", function () {
  this.timeout(60_000);
  let stores: Stores;
  let server: Server | undefined;

  before(async () => {
    stores = await sharedStores();
  });
  afterEach(() => server?.end());

  const slowPost = (from: Server, ms: number) =>
    from.fetch(`/api/slow?ms=${ms}`, { method: "POST", body: "12345" });

  it("drains, finishes what runs, says goodbye on streams, and exits with 0", async () => {
    server = await startBackend(stores, { DRAIN_SECONDS: "1" });
    const post = slowPost(server, 2500);
    const stream = readEvents(await server.fetch("/api/events"));
    const socket = await Socket.open(`${server.url}/ws`);
    await until("the hello", () => socket.of("hello").length === 1);
    assert.equal((await server.fetch("/health")).headers.get("connection"), "keep-alive");

    server.kill("SIGTERM");
    await until("health says draining", async () => (await server?.json("/health"))?.status === 503);
    const draining = await server.fetch("/health");
    assert.equal(draining.headers.get("connection"), "close");
    assert.equal(((await draining.json()) as { status: string }).status, "draining");
    assert.equal((await server.json("/health/deep")).status, 503);
    assert.equal((await server.json("/api/items")).status, 200, "requests are still served while it drains");
    assert.equal(socket.socket.readyState, WebSocket.OPEN, "streams live on while it drains");

    const types: string[] = [];
    for await (const { event } of stream) types.push(event);
    assert.deepEqual([types.at(-1), types.includes("tick")], ["bye", true]);
    assert.equal((await socket.closed).code, 1001);
    assert.equal(await isOpen(server.port), false, "nothing new is accepted after the drain");

    const answer = await post;
    assert.deepEqual([answer.status, answer.headers.get("connection")], [200, "close"]);
    assert.equal(((await answer.json()) as { bytes: number }).bytes, 5);
    assert.equal(await server.exited, 0);
    assert.equal(server.lines.at(-1)?.msg, "stopped");
  });

  it("doesn't wait for idle keep-alive connections, nor for clients that don't answer a goodbye", async () => {
    server = await startBackend(stores);
    await server.json("/api/release");
    const mute = connect(server.port, "127.0.0.1");
    const key = Buffer.from("0123456789abcdef").toString("base64");
    mute.write(
      `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    await new Promise((resolve) => mute.once("data", resolve));
    const start = performance.now();
    server.kill("SIGTERM");
    assert.equal(await server.exited, 0);
    assert.ok(performance.now() - start < 5000);
    mute.destroy();
  });

  it("cuts what is still running when the time is over, says so, and exits with 1", async () => {
    server = await startBackend(stores, { SHUTDOWN_SECONDS: "1" });
    const post = slowPost(server, 20_000);
    post.catch(() => {});
    await sleep(200);
    const start = performance.now();
    server.kill("SIGTERM");
    assert.equal(await server.exited, 1);
    const seconds = (performance.now() - start) / 1000;
    assert.ok(seconds >= 0.9 && seconds < 3, `took ${seconds} s`);
    await assert.rejects(post);
    assert.match(server.output, /time is over/);
  });

  it("exits at once on a second signal", async () => {
    server = await startBackend(stores, { DRAIN_SECONDS: "20" });
    server.kill("SIGTERM");
    await until("it is stopping", () => server?.output.includes('"msg":"stopping"') ?? false);
    const start = performance.now();
    server.kill("SIGTERM");
    assert.equal(await server.exited, 1);
    assert.ok(performance.now() - start < 1000);
  });

  it("skips the drain on Ctrl-C", async () => {
    server = await startBackend(stores, { DRAIN_SECONDS: "20" });
    const start = performance.now();
    server.kill("SIGINT");
    assert.equal(await server.exited, 0);
    assert.ok(performance.now() - start < 3000);
  });

  it("stops while the stores are away", async () => {
    server = await startWithoutStores();
    server.kill("SIGTERM");
    assert.equal(await server.exited, 0);
  });
});

async function startWithoutStores(): Promise<Server> {
  const address = "127.0.0.1:1";
  const env = {
    DATABASE_URL: `postgres://u:p@${address}/d`,
    REDIS_URL: `redis://${address}`,
    DRAIN_SECONDS: "0",
  };
  return (await Server.start("backend", env)).up();
}
