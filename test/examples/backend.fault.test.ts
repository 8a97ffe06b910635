import assert from "node:assert/strict";
import { Server, backendEnv, startBackend } from "./support/server.ts";
import { describeWithStores, sharedStores, type Stores } from "./support/stores.ts";

describeWithStores("example backend: faults on purpose", function () {
  this.timeout(60_000);
  let stores: Stores;
  let server: Server | undefined;

  before(async () => {
    stores = await sharedStores();
  });
  afterEach(() => server?.end());

  it("unhealthy: /health says 503, everything else works", async () => {
    server = await startBackend(stores, { FAULT: "unhealthy" });
    const { status, body } = await server.json("/health");
    assert.deepEqual([status, body.status], [503, "unhealthy"]);
    assert.equal((await server.json("/health/deep")).status, 200);
    assert.equal((await server.json("/api/items")).status, 200);
  });

  it("deep: the deep health says 503, the shallow one doesn't", async () => {
    server = await startBackend(stores, { FAULT: "deep" });
    const { status, body } = await server.json("/health/deep");
    assert.deepEqual([status, body.status, body.checks], [503, "degraded", { database: false, redis: true }]);
    assert.equal((await server.json("/health")).status, 200);
  });

  it("crash: it listens, then exits with 1 and says so in the log", async () => {
    server = await (await Server.start("backend", backendEnv(stores, { FAULT: "crash" }))).up();
    assert.equal(await server.exited, 1);
    assert.deepEqual(
      [server.lines.at(-1)?.level, server.lines.at(-1)?.msg.includes("FAULT=crash")],
      ["fatal", true],
    );
  });

  it("errors:20: exactly one of five API requests fails, health and metrics never", async () => {
    const faulty = await Server.start("backend", backendEnv(stores, { FAULT: "errors:20" }));
    server = await faulty.up();
    const statuses: number[] = [];
    for (let i = 0; i < 50; i += 1) statuses.push((await faulty.json("/api/release")).status);
    assert.equal(statuses.filter((status) => status === 500).length, 10);
    assert.equal(statuses.filter((status) => status === 200).length, 40);
    for (let i = 0; i < 10; i += 1) assert.equal((await faulty.fetch("/health")).status, 200);
  });

  it("slow:300: API requests wait, and two faults can be combined", async () => {
    server = await (await Server.start("backend", backendEnv(stores, { FAULT: "slow:300,errors:100" }))).up();
    const start = performance.now();
    const { status, body } = await server.json("/api/release");
    assert.deepEqual([status, body.error], [500, "fault"]);
    assert.ok(performance.now() - start >= 295);
  });
});
