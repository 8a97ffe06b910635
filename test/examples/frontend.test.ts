import assert from "node:assert/strict";
import { Server } from "./support/server.ts";
import { until } from "./support/wait.ts";

describe("example frontend", function () {
  this.timeout(60_000);
  let server: Server;

  before(async () => {
    server = await (
      await Server.start("frontend", { RELEASE: "web-7", VERSION: "2.0.0", DRAIN_SECONDS: "0" })
    ).up();
  });
  after(() => server?.end());

  /** Starts one more with other settings, for the time of a check. */
  async function withServer(
    env: Record<string, string>,
    check: (other: Server) => Promise<void>,
  ): Promise<void> {
    const other = await Server.start("frontend", { DRAIN_SECONDS: "0", ...env });
    try {
      await check(other);
    } finally {
      await other.end();
    }
  }

  it("serves the page with its release, never cached without asking again", async () => {
    const response = await server.fetch("/");
    const text = await response.text();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-release"), "web-7");
    assert.equal(response.headers.get("cache-control"), "no-cache");
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(text, /<title>Fairlead/);
    assert.match(text, /data-api="\/api" data-ws="\/ws\/"/);
    assert.match(text, />web-7<\/dd/);
  });

  it("needs no inline script, style or handler, and nothing from other hosts: a strict policy can hold", async () => {
    const text = await (await server.fetch("/")).text();
    const scripts = text.match(/<script[^>]*>[^<]*/g) ?? [];
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)];
    assert.ok(scripts.length > 0 && addresses.length > 1, text);
    for (const tag of scripts) assert.match(tag, /^<script[^>]* src="\/[^>]*>\s*$/);
    assert.doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [, address] of addresses) assert.match(address ?? "", /^\/(?!\/)/);
  });

  it("serves every asset of the page under a name of its content, to be kept for a year", async () => {
    const text = await (await server.fetch("/")).text();
    const paths = [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
    const types = new Map([
      ["js", "text/javascript; charset=utf-8"],
      ["css", "text/css; charset=utf-8"],
      ["svg", "image/svg+xml"],
    ]);
    assert.equal(new Set(paths).size, 3);
    for (const path of paths) {
      const response = await server.fetch(path);
      assert.equal(response.status, 200, path);
      assert.equal(response.headers.get("content-type"), types.get(path.split(".").at(-1) ?? ""), path);
      assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assert.match(path, /-[A-Z0-9]{8}\.\w+$/);
      assert.ok((await response.arrayBuffer()).byteLength > 100);
    }
  });

  it("answers health, 404 and 405", async () => {
    const { status, body } = await server.json("/health");
    assert.deepEqual([status, body.status, body.service, body.release], [200, "ok", "frontend", "web-7"]);
    for (const path of ["/nothing", "/assets/", "/assets/../server.mjs", "/api/items"]) {
      const missing = await server.fetch(path);
      assert.equal(missing.status, 404, path);
      assert.equal(missing.headers.get("cache-control"), "no-store", path);
      assert.match(await missing.text(), /There is nothing here/);
    }
    const posted = await server.fetch("/", { method: "POST" });
    assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
    const head = await server.fetch("/", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
  });

  it("escapes the values that it gets", async () => {
    await withServer({ RELEASE: "a/b", PUBLIC_API_PATH: "/v1/api" }, async (other) => {
      assert.match(await (await (await other.up()).fetch("/")).text(), /data-api="\/v1\/api"/);
    });
    await withServer({ RELEASE: '"><script>', PUBLIC_WS_PATH: "ws" }, async (other) => {
      assert.equal(await other.exited, 1);
      const problems = other.lines[0]?.problems as string[];
      assert.match(problems[0] ?? "", /^RELEASE: expected/);
      assert.match(problems[1] ?? "", /^PUBLIC_WS_PATH: expected a path such as \/ws\/, got "ws"/);
    });
  });

  it("logs requests as JSON", async () => {
    await server.fetch("/here?token=hush", { headers: { "User-Agent": "probe/1.0" } });
    await until("its line", () => server.lines.some(({ path }) => path === "/here"));
    const line = server.lines.find(({ path }) => path === "/here");
    assert.deepEqual(
      [line?.method, line?.status, line?.userAgent, line?.ip],
      ["GET", 404, "probe/1.0", "127.0.0.1"],
    );
    assert.ok(!server.output.includes("hush"));
  });

  it("stops gracefully: drains first, then exits with 0", async () => {
    await withServer({ DRAIN_SECONDS: "1" }, async (other) => {
      await other.up();
      const start = performance.now();
      other.kill("SIGTERM");
      await until("it drains", async () => (await other.json("/health")).status === 503);
      const page = await other.fetch("/");
      assert.deepEqual([page.status, page.headers.get("connection")], [200, "close"]);
      assert.equal(await other.exited, 0);
      assert.ok(performance.now() - start >= 950);
    });
  });

  it("has the faults that make sense for a page", async () => {
    await withServer({ FAULT: "unhealthy,errors:50" }, async (other) => {
      await other.up();
      assert.equal((await other.json("/health")).status, 503);
      const statuses = [];
      for (let i = 0; i < 4; i += 1) statuses.push((await other.fetch("/")).status);
      assert.deepEqual(statuses, [200, 500, 200, 500]);
    });
    await withServer({ FAULT: "crash" }, async (other) => assert.equal(await other.exited, 1));
  });
});
