import assert from "node:assert/strict";
import { PASSWORD } from "./support/postgres.ts";
import { REDIS_PASSWORD } from "./support/redis.ts";
import { Server, backendEnv, post, startBackend } from "./support/server.ts";
import { describeWithStores, removeStores, startStores, type Stores } from "./support/stores.ts";
import { until } from "./support/wait.ts";

describeWithStores("example backend: stores that go away and come back", function () {
  this.timeout(60_000);
  let stores: Stores;
  let server: Server;

  before(async () => {
    stores = await startStores();
    server = await startBackend(stores, { LOG_LEVEL: "debug", CLAUDE_API_KEY: "sk-ant-hush-hush" });
  });
  after(async () => {
    await server?.end();
    if (stores) await removeStores(stores);
  });
  afterEach(async () => {
    assert.equal((await server.json("/health")).status, 200, "the process and its shallow health live on");
  });

  const deep = async () => (await server.json("/health/deep")).body.checks;
  const healed = () =>
    until("deep health is fine again", async () => (await server.json("/health/deep")).status === 200);

  it("survives a crash of Postgres: says 503, and works again without a restart of its own", async () => {
    await server.json("/api/items", post({ name: "kept" }));
    await stores.postgres.daemon.stop("SIGQUIT");
    assert.deepEqual(await deep(), { database: false, redis: true });
    const { status, body } = await server.json("/api/items");
    assert.deepEqual([status, body.error], [503, "database_unavailable"]);
    assert.equal((await server.json("/api/counter")).status, 200);

    await stores.postgres.daemon.start();
    await healed();
    const { items } = (await server.json("/api/items")).body as { items: { name: string }[] };
    assert.ok(items.some(({ name }) => name === "kept"));
  });

  it("survives a crash of Redis likewise", async () => {
    const before = Number((await server.json("/api/counter", { method: "POST" })).body.value);
    await stores.redis.daemon.stop("SIGTERM");
    assert.deepEqual(await deep(), { database: true, redis: false });
    const { status, body } = await server.json("/api/counter");
    assert.deepEqual([status, body.error], [503, "cache_unavailable"]);
    assert.equal((await server.json("/api/items")).status, 200);

    await stores.redis.daemon.start();
    await healed();
    assert.equal((await server.json("/api/counter")).body.value, before);
  });

  for (const [name, checks] of [
    ["postgres", { database: false, redis: true }],
    ["redis", { database: true, redis: false }],
  ] as const) {
    it(`knows after 1.5 s that ${name} hangs, with all connections open`, async () => {
      stores[name].daemon.freeze(true);
      try {
        const start = performance.now();
        assert.deepEqual(await deep(), checks);
        const ms = performance.now() - start;
        assert.ok(ms > 1400 && ms < 2500, `took ${ms} ms`);
      } finally {
        stores[name].daemon.freeze(false);
      }
      await healed();
    });
  }

  it("starts while both are away, and finds them when they come", async () => {
    await Promise.all([stores.postgres.daemon.stop("SIGQUIT"), stores.redis.daemon.stop("SIGTERM")]);
    const early = await (await Server.start("backend", backendEnv(stores))).up();
    try {
      assert.equal((await early.json("/health")).status, 200);
      const { status, body } = await early.json("/health/deep");
      assert.deepEqual([status, body.checks], [503, { database: false, redis: false }]);
      await Promise.all([stores.postgres.daemon.start(), stores.redis.daemon.start()]);
      await until("it found them", async () => (await early.json("/health/deep")).status === 200);
    } finally {
      await early.end();
    }
  });

  it("has put no secret into its log, in no form, though it logged every outage", async () => {
    // A secret that comes back from outside, as in a mistaken call, would be logged with the request.
    await server.fetch(`/api/${encodeURIComponent(PASSWORD)}`, { headers: { "User-Agent": REDIS_PASSWORD } });
    await until("the call is logged", () => server.output.includes("/api/[secret]"));
    const { output } = server;
    assert.match(output, /connection lost/);
    assert.match(output, /request raised an error/);
    const urls = [stores.postgres.url, stores.redis.url];
    const passwords = [PASSWORD, REDIS_PASSWORD].flatMap((password) => [
      password,
      encodeURIComponent(password),
    ]);
    for (const secret of [...urls, ...passwords, "sk-ant-hush-hush"]) {
      assert.ok(!output.includes(secret), `found ${secret} in the log`);
    }
  });
});
