import assert from "node:assert/strict";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { Client } from "pg";
import { post, startBackend, type Server } from "./support/server.ts";
import { describeWithStores, sharedStores, type Stores } from "./support/stores.ts";

interface Item {
  id: number;
  name: string;
  release: string;
}

describeWithStores("example backend: API", function () {
  this.timeout(60_000);
  let stores: Stores;
  let server: Server;

  before(async () => {
    stores = await sharedStores();
    server = await startBackend(stores, { VERSION: "1.2.3", SERVICE_NAME: "maicivy-backend" });
  });
  after(() => server?.end());

  it("says its release in a header and in the body of each answer, errors included", async () => {
    for (const path of [
      "/health",
      "/health/deep",
      "/api/items",
      "/api/counter",
      "/api/release",
      "/nowhere",
    ]) {
      const response = await server.fetch(path);
      assert.equal(response.headers.get("x-release"), "r1", path);
      assert.equal(((await response.json()) as { release: string }).release, "r1", path);
    }
    assert.equal((await server.fetch("/metrics")).headers.get("x-release"), "r1");
  });

  it("answers the shallow health check (A12), also under /api/", async () => {
    for (const path of ["/health", "/api/health"]) {
      const { status, body } = await server.json(path);
      assert.deepEqual([status, body.status, body.service], [200, "ok", "maicivy-backend"]);
      assert.ok(Math.abs(Date.parse(String(body.timestamp)) - Date.now()) < 60_000);
    }
  });

  it("answers the deep health check from the real database and cache (A13)", async () => {
    for (const path of ["/health/deep", "/api/health/deep"]) {
      const { status, body } = await server.json(path);
      assert.deepEqual([status, body.status], [200, "ok"]);
      assert.deepEqual(body.checks, { database: true, redis: true });
    }
  });

  it("keeps, lists and deletes items", async () => {
    const kept = await server.json("/api/items", post({ name: "  Übung „1“ 🙂 " }));
    const item = kept.body.item as Item;
    assert.equal(kept.status, 201);
    assert.deepEqual([item.name, item.release], ["Übung „1“ 🙂", "r1"]);
    await server.json("/api/items", post({ name: "second" }));

    const newest = (await server.json("/api/items?limit=1")).body.items as Item[];
    assert.deepEqual(
      newest.map(({ name }) => name),
      ["second"],
    );
    assert.equal((await server.json(`/api/items/${item.id}`, { method: "DELETE" })).status, 200);
    assert.equal((await server.json(`/api/items/${item.id}`, { method: "DELETE" })).status, 404);
    const left = (await server.json("/api/items?limit=100")).body.items as Item[];
    assert.ok(left.every(({ id }) => id !== item.id));
  });

  it("refuses bad items, each with a code and a reason", async () => {
    const bodies = [
      {},
      { name: "" },
      { name: " " },
      { name: 7 },
      { name: "x".repeat(201) },
      { name: "a\0b" },
    ];
    for (const body of bodies) {
      const { status, body: answer } = await server.json("/api/items", post(body));
      assert.deepEqual([status, answer.error], [400, "name_invalid"], JSON.stringify(body));
    }
    for (const body of ["", "[1]", "null", "{"]) {
      const { status, body: answer } = await server.json("/api/items", { method: "POST", body });
      assert.deepEqual([status, answer.error], [400, "body_invalid"], body);
    }
    for (const id of ["x", "-1", "1.5", "99999999999"]) {
      assert.equal(
        (await server.json(`/api/items/${id}`, { method: "DELETE" })).body.error,
        "id_invalid",
        id,
      );
    }
    for (const limit of ["0", "101", "x", ""]) {
      const { status, body } = await server.json(`/api/items?limit=${limit}`);
      assert.deepEqual([status, body.error], [400, "query_invalid"], limit);
    }
  });

  it("creates its table once when several replicas start on an empty database", async () => {
    const client = new Client(stores.postgres.url);
    await client.connect();
    const replicas = await Promise.all([1, 2, 3].map(() => startBackend(stores)));
    try {
      for (let round = 0; round < 5; round += 1) {
        await client.query("DROP TABLE IF EXISTS items");
        const answers = await Promise.all(
          replicas.flatMap((replica) =>
            [1, 2, 3].map(() => replica.json("/api/items", post({ name: "row" }))),
          ),
        );
        assert.deepEqual(
          answers.map(({ status }) => status),
          answers.map(() => 201),
        );
      }
      assert.equal((await client.query("SELECT * FROM items")).rowCount, 9);
    } finally {
      await Promise.all([client.end(), ...replicas.map((replica) => replica.end())]);
    }
  });

  it("counts in Redis, and no count is lost among many at once", async () => {
    const before = Number((await server.json("/api/counter")).body.value);
    const counts = await Promise.all(
      Array.from(
        { length: 20 },
        async () => (await server.json("/api/counter", { method: "POST" })).body.value,
      ),
    );
    assert.deepEqual(
      counts.map(Number).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => before + 1 + i),
    );
    assert.equal((await server.json("/api/counter")).body.value, before + 20);
  });

  it("says what it is", async () => {
    const { body } = await server.json("/api/release");
    assert.deepEqual([body.service, body.version, body.release], ["maicivy-backend", "1.2.3", "r1"]);
    assert.ok(Date.parse(String(body.startedAt)) <= Date.now() + 60_000);
  });

  it("shows the forwarded headers that it got, and no credentials", async () => {
    const headers = {
      "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.2",
      "X-Forwarded-Proto": "https",
      "X-Real-IP": "203.0.113.9",
      Cookie: "session=hush",
      Authorization: "Bearer hush",
    };
    const { body } = await server.json("/api/whoami?a=1", { headers });
    assert.equal(body.ip, "203.0.113.9");
    assert.equal(body.url, "/api/whoami?a=1");
    assert.equal((body.headers as Record<string, string>)["x-forwarded-proto"], "https");
    assert.ok(!JSON.stringify(body).includes("hush"));
  });

  it("reads a slow POST's body and waits as long as the query says", async () => {
    const start = performance.now();
    const { status, body } = await server.json("/api/slow?ms=300", {
      method: "POST",
      body: "x".repeat(70_000),
    });
    assert.deepEqual([status, body.bytes, body.release], [200, 70_000, "r1"]);
    assert.ok(performance.now() - start >= 295);
    assert.equal((await server.json("/api/slow?ms=120001", { method: "POST" })).status, 400);
  });

  it("takes bodies up to 1 MB and refuses larger ones with 413, on a connection that stays usable", async () => {
    const megabyte = 1024 * 1024;
    const send = (bytes: number) =>
      server.json("/api/slow?ms=0", { method: "POST", body: Buffer.alloc(bytes) });
    assert.equal((await send(megabyte)).body.bytes, megabyte);
    const refused = await send(megabyte + 1);
    assert.deepEqual([refused.status, refused.body.error], [413, "body_too_large"]);
    const body = Buffer.alloc(8 * megabyte);
    const large = await server.fetch("/api/slow?ms=0", { method: "POST", body });
    assert.deepEqual([large.status, large.headers.get("connection")], [413, "keep-alive"]);
  });

  it("doesn't read a huge body to its end, and answers a client that goes on sending", async () => {
    const socket = connect(server.port, "127.0.0.1").on("error", () => {});
    let answer = "";
    // Reads late, as a client that is busy sending does: what a reset overtakes is lost.
    socket.on("data", (text) => (answer += String(text))).pause();
    socket.write("POST /api/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n");
    const chunk = Buffer.alloc(256 * 1024);
    const feed = (): void => {
      while (socket.write(chunk));
      if (socket.bytesWritten > 32 * 1024 * 1024) socket.resume();
    };
    socket.on("drain", feed);
    feed();
    await new Promise((resolve) => socket.once("close", resolve));
    assert.match(answer, /^HTTP\/1.1 413 /);
    assert.match(answer, /connection: close/i);
  });

  it("gives compressible text of the size asked for", async () => {
    const response = await server.fetch("/api/large?kb=100");
    const text = await response.text();
    assert.equal(text.length, 100 * 1024);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
    assert.ok(gzipSync(text).length < text.length / 20);
  });

  it("answers 404 and 405 as JSON, and 405 names what is allowed", async () => {
    const unknown = await server.json("/api/nothing");
    assert.deepEqual([unknown.status, unknown.body.error], [404, "not_found"]);
    const response = await server.fetch("/api/items", { method: "PUT" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, POST");
  });

  it("answers HEAD like GET, without a body", async () => {
    const response = await server.fetch("/health", { method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "");
  });

  it("lets only the page at FRONTEND_URL call from another origin", async () => {
    const other = await startBackend(stores, { FRONTEND_URL: "https://example.org/" });
    try {
      const allowed = await other.fetch("/api/counter", { headers: { Origin: "https://example.org" } });
      assert.equal(allowed.headers.get("access-control-allow-origin"), "https://example.org");
      const foreign = await other.fetch("/api/counter", { headers: { Origin: "https://evil.example" } });
      assert.equal(foreign.headers.get("access-control-allow-origin"), null);
    } finally {
      await other.end();
    }
  });
});
