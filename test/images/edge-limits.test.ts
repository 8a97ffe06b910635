import assert from "node:assert/strict";
import type { ClientHttp2Session } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../examples/support/wait.ts";
import { answerWaiting, config, HIGH, waiting } from "./edge-application.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine } from "./support.ts";

/** The figures that maicivy asks for. */
const MAICIVY = { rate: "100/min", burst: 20, connections: 10 };

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

  /** At this rate a moment is enough for all requests of before, and one more request has the edge count them away. */
  const forgotten = async (): Promise<void> => {
    await site.use(config());
    await sleep(20);
    await site.ask("/api/x");
  };

  it("of a route hold for that route", async () => {
    const found = await burst("/api/slowly", 6);
    assert.ok(found[200]! >= 3 && found[429]! >= 1, JSON.stringify(found));
    assert.deepEqual(await burst("/api/x", 30), { 200: 30 });
  });

  it("of an address hold for an application on a subdomain, not for an upstream with its many files", async () => {
    await forgotten();
    await site.use(config({ limits: MAICIVY }));
    assert.deepEqual(await burst("/health", 50, "tools.maicivy.test"), { 200: 50 });
    const found = await burst("/", 60, "status.maicivy.test");
    assert.ok(found[200]! >= 20 && found[429]! > 20, JSON.stringify(found));
    assert.equal((await site.ask("/api/x")).status, 429, "the same requests count on the main host");
  });

  it("of an address are what one says, then 429; health paths and what pages are made of go on", async () => {
    await forgotten();
    await site.use(config({ limits: MAICIVY }));
    const found = await burst("/api/health", 150);
    assert.ok(found[200]! >= 20 && found[200]! < 40 && found[429]! > 100, JSON.stringify(found));
    const { headers, body } = await site.ask("/", { headers: { accept: "text/html" } });
    assert.match(body.toString(), /Too many requests/);
    assert.equal(headers["retry-after"], "5");
    assert.deepEqual(await burst("/health", 60), { 200: 60 });
    for (const file of ["/app.js", "/own/a.WOFF2?v=1", "/x/y.3f2a1b.css"])
      assert.deepEqual(await burst(file, 60), { 200: 60 }, file);
    const counts = async (path: string, method = "GET"): Promise<boolean> => {
      // What has become free meanwhile is used up first.
      while ((await site.ask("/api/x")).status !== 429);
      return (await site.ask(path, { method })).status === 429;
    };
    for (const path of ["/api/app.js", "/app.js/x", "/js", "/a?b=.js"])
      assert.ok(await counts(path), `${path} is no file of a page`);
    assert.ok(await counts("/app.js", "POST"), "nor is what is sent");
  });

  it("let a person browse by default, page after page, and refuse a flood", async () => {
    await forgotten();
    await site.use(config({ limits: {} }));
    const sessions = [site.http2(), site.http2()] as const;
    try {
      for (let page = 0; page < 3; page++) {
        const files = Array.from({ length: 60 }, (_, index) => `/files/${index}.${index % 2 ? "js" : "css"}`);
        const data = Array.from({ length: 30 }, (_, index) => `/api/data/${index}`);
        const found = await Promise.all(["/", ...files, ...data].map((path) => ask(sessions[0], path)));
        assert.deepEqual(new Set(found), new Set([200]), `page ${page}`);
      }
      const flood = await burst("/api/x", 600);
      assert.ok(flood[429]! > 200, JSON.stringify(flood));
      const files: Record<string, number> = {};
      for (let times = 0; times < 20; times++)
        for (const status of await Promise.all(Array.from({ length: 100 }, () => ask(sessions[1], "/a.css"))))
          files[String(status)] = (files[String(status)] ?? 0) + 1;
      assert.ok(files[200]! >= 700 && files[429]! > 100, `one of files too: ${JSON.stringify(files)}`);
    } finally {
      for (const session of sessions) session.close();
    }
  });

  it("of a route count every request to it, whatever its ending", async () => {
    const routes = [{ path: "/" }, { path: "/shop/", limit: { rate: "1/s", burst: 5 } }];
    await site.use(config({}, routes));
    const found = await burst("/shop/a.css", 20);
    assert.ok(found[200]! >= 6 && found[429]! > 10, JSON.stringify(found));
    await site.use(config());
  });

  it("let one address have 10 requests under way over HTTP/1, and refuse the next", async () => {
    await site.use(config({ limits: { ...OFTEN, connections: 10 } }));
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
    assert.equal((await site.ask("/api/x")).status, 200, "an ended request makes room");
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
    await site.use(
      config({ limits: { ...MAICIVY, exempt: ["172.16.0.0/12", "10.0.0.0/8", "192.168.0.0/16"] } }),
    );
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
function ask(session: ClientHttp2Session, path = "/api/wait"): Promise<unknown> {
  return new Promise((done, fail) => {
    const stream = session.request({ ":path": path });
    stream.on("response", (headers) => done(headers[":status"]));
    stream.on("error", fail).resume();
  });
}
