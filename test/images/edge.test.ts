import assert from "node:assert/strict";
import { connect as connectTls } from "node:tls";
import { config } from "./edge-application.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine, run } from "./support.ts";

onEngine("the edge and the switch, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  const site = edgeSite();

  describe("headers", () => {
    it("are sent once and always: pages, API, static files, errors, redirects", async () => {
      for (const [path, name] of [
        ["/", undefined],
        ["/api/x", undefined],
        ["/app.js", undefined],
        ["/missing", undefined],
        ["/metrics", undefined],
        ["/", "www.maicivy.test"],
        ["/", "analytics.maicivy.test"],
      ] as const) {
        const { headers } = await site.ask(path, { name });
        const where = `${name} ${path}`;
        assert.equal(headers["strict-transport-security"], "max-age=31536000; includeSubDomains", where);
        assert.equal(headers["x-content-type-options"], "nosniff", where);
        assert.equal(headers["x-xss-protection"], "1; mode=block", where);
        assert.equal(headers["referrer-policy"], "strict-origin-when-cross-origin", where);
        assert.equal(headers["cross-origin-resource-policy"], "same-origin", where);
        assert.equal(headers["cross-origin-opener-policy"], "same-origin", where);
        assert.match(String(headers["permissions-policy"]), /camera=\(\)/, where);
        assert.match(
          String(headers["content-security-policy"]),
          /^default-src 'none'; (?!.*unsafe)[^,]*$/,
          where,
        );
        assert.equal(headers["x-powered-by"], undefined, where);
        assert.equal(headers.server, "nginx", where);
      }
    });

    it("refuse frames, but on a subdomain those of the site", async () => {
      assert.equal((await site.ask("/")).headers["x-frame-options"], "DENY");
      const { headers } = await site.ask("/", { name: "status.maicivy.test" });
      assert.equal(headers["x-frame-options"], "SAMEORIGIN");
      assert.match(String(headers["content-security-policy"]), /frame-ancestors 'self'/);
    });

    it("follow what a route says", async () => {
      const own = (await site.ask("/own/x")).headers;
      assert.match(String(own["content-security-policy"]), /script-src 'self' https:\/\/example\.com;/);
      assert.equal(own["x-frame-options"], undefined);
      assert.equal((await site.ask("/free/x")).headers["content-security-policy"], "script-src *");
    });

    it("forbid caching of the API, and keep static files of the site for a year", async () => {
      const cache = async (path: string): Promise<unknown> => (await site.ask(path)).headers["cache-control"];
      assert.match(String(await cache("/api/x")), /^no-store, no-cache, must-revalidate/);
      assert.equal(await cache("/app.js"), "public, max-age=31536000, immutable");
      assert.equal(await cache("/missing.js"), "no-cache", "an error isn't kept");
      assert.match(String(await cache("/api/app.js")), /^no-store/, "no path of the API is taken for a file");
    });
  });

  describe("names", () => {
    it("lead www and aliases to the domain, path and query included", async () => {
      for (const name of ["www.maicivy.test", "maicivy.fr"]) {
        const { status, headers } = await site.ask("/a?b=c", { name });
        assert.deepEqual([status, headers.location], [301, "https://maicivy.test/a?b=c"], name);
      }
    });

    it("that aren't served get no certificate", async () => {
      await assert.rejects(handshake(site.address, "other.test"), /unrecognized name/);
      await assert.rejects(handshake(site.address, undefined), /unrecognized name/);
      await handshake(site.address, "maicivy.test");
    });

    it("that aren't served get no page over a connection to another one", async () => {
      assert.equal((await site.ask("/", { headers: { host: "other.test" } })).status, 421);
      assert.equal((await site.ask("/", { headers: { host: site.address } })).status, 421);
    });

    it("on port 80 lead to HTTPS, but challenges are looked for", async () => {
      const plain = (path: string, host: string): Promise<string> =>
        run(
          site.edge,
          "curl",
          "-s",
          "-o",
          "/dev/null",
          "-w",
          "%{http_code} %{redirect_url}",
          "-H",
          `Host: ${host}`,
          `http://127.0.0.1${path}`,
        ).then(({ out }) => out);
      assert.equal(await plain("/x?y=1", "maicivy.test"), "301 https://maicivy.test/x?y=1");
      assert.equal(await plain("/x", "status.maicivy.test"), "301 https://status.maicivy.test/x");
      assert.equal(await plain("/x", "192.0.2.1"), "301 https://maicivy.test/x");
      for (const name of ["maicivy.test", "www.maicivy.test", "status.maicivy.test"])
        assert.match(await plain("/.well-known/acme-challenge/abc", name), /^404/, name);
    });

    it("speak HTTP/2", async () => {
      const session = site.http2();
      const status = await new Promise((done, fail) => {
        session.on("error", fail);
        const stream = session.request({ ":path": "/api/x" });
        stream.on("response", (headers) => done(headers[":status"]));
        stream.on("error", fail).resume();
      });
      session.close();
      assert.equal(status, 200);
    });
  });

  it("speaks HTTP/3 when it is on, and announces it", async () => {
    await site.use(config({ http3: true }));
    assert.equal((await site.ask("/")).headers["alt-svc"], 'h3=":443"; ma=86400');
    const ask = [
      "--http3-only",
      "-k",
      "--resolve",
      "maicivy.test:443:127.0.0.1",
      "https://maicivy.test/health",
    ];
    const { out } = await run(site.edge, "curl", "-s", "-w", " %{http_version}", ...ask);
    assert.equal(out, "ok 3");
    await site.use(config());
    assert.equal((await site.ask("/")).headers["alt-svc"], undefined);
  });

  describe("bodies", () => {
    it("have a limit, also of a route alone", async () => {
      const post = async (path: string, megabytes: number): Promise<number> =>
        (await site.ask(path, { method: "POST", body: Buffer.alloc(megabytes * 1024 ** 2) })).status;
      assert.equal(await post("/api/x", 9), 200);
      assert.equal(await post("/api/x", 11), 413);
      assert.equal(await post("/api/upload", 2), 413);
    });
  });

  describe("cache", () => {
    const state = async (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
      (await site.ask(path, { headers })).headers["x-cache"];

    it("keeps answers of a route that has one, and says so", async () => {
      assert.equal(await state("/api/cv?a"), "MISS");
      assert.equal(await state("/api/cv?a"), "HIT");
      assert.equal((await site.ask("/api/cv?a")).headers["x-frame-options"], "DENY");
      assert.equal(await state("/api/other"), undefined);
    });

    it("lies in two levels of folders", async () => {
      assert.equal(await state("/api/cv?levels"), "MISS");
      const { out } = await run(site.edge, "find", "/var/spool/nginx/cache", "-type", "f");
      const files = out.split("\n");
      for (const file of files)
        assert.match(file, /^\/var\/spool\/nginx\/cache\/[0-9a-f]\/[0-9a-f]{2}\/[0-9a-f]{32}$/);
    });

    it("never keeps what is personal, an error, or what says no", async () => {
      for (const path of ["/api/cv/cookie", "/api/cv/private", "/api/cv/missing"])
        for (let times = 0; times < 2; times++) assert.equal(await state(path), "MISS", path);
      assert.equal(await state("/api/cv?a", { authorization: "Bearer x" }), "BYPASS");
      assert.equal(await state("/api/cv?a", { cookie: "session=1" }), "BYPASS");
      assert.equal(await state("/api/cv?b", { cookie: "session=1" }), "BYPASS");
      assert.equal(await state("/api/cv?b"), "MISS", "an answer to a visitor with a cookie wasn't kept");
    });
  });

  describe("errors", () => {
    const html = { accept: "text/html,*/*" };

    it("of an application pass as they are", async () => {
      const { status, body } = await site.ask("/missing", { headers: html });
      assert.equal(status, 404);
      assert.match(body.toString(), /compresses well/);
    });

    it("of the edge are a page for people and JSON for programs", async () => {
      const page = await site.ask("/metrics", { headers: html });
      assert.equal(page.status, 404);
      assert.match(page.body.toString(), /<h1>Nothing here<\/h1>/);
      const json = JSON.parse((await site.ask("/metrics")).body.toString()) as { status: number };
      assert.equal(json.status, 404);
      const api = await site.ask("/api/upload", { method: "POST", headers: html, body: Buffer.alloc(2e6) });
      assert.equal(api.headers["content-type"], "application/json");
      const none = await site.ask("/", { name: "analytics.maicivy.test", headers: html });
      assert.equal(none.status, 503);
      assert.match(none.body.toString(), /Not available right now/);
      assert.equal((await site.ask("/", { name: "gone.maicivy.test" })).status, 503);
    });

    it("the pages themselves can't be asked for", async () => {
      for (const path of ["/__edge/errors/404.html", "/__edge/503"])
        assert.equal((await site.ask(path)).status, 404);
    });

    it("say 503, and when to come again, while no release answers", async () => {
      await site.close();
      await site.until(503);
      const page = await site.ask("/", { headers: html });
      assert.equal(page.status, 503);
      assert.match(page.body.toString(), /Not available right now/);
      assert.equal(page.headers["retry-after"], "10");
      const api = await site.ask("/api/x", { method: "POST", body: "{}" });
      assert.deepEqual(
        [api.status, (JSON.parse(api.body.toString()) as { status: number }).status],
        [503, 503],
      );
      await site.open();
      await site.until(200);
    });
  });

  it("logs JSON, without queries and health checks", async () => {
    await site.ask('/a"b?secret=1');
    const lines = (await site.log()).split("\n").filter((line) => line.startsWith("{"));
    const last = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
    assert.deepEqual([last.path, last.status, last.method, last.host], ['/a"b', 200, "GET", "maicivy.test"]);
    assert.ok(!lines.join().includes("secret"));
    assert.ok(!lines.some((line) => line.includes('"/health"')));
  });

  it("calls a request by one id: for the application, in the answer and in the log", async () => {
    const { headers, body } = await site.ask("/seen");
    const id = String(headers["x-request-id"]);
    assert.match(id, /^[0-9a-f]{32}$/);
    const { headers: seen } = JSON.parse(body.toString()) as { headers: Record<string, string> };
    assert.equal(seen["x-request-id"], id);
    const lines = (await site.log()).split("\n").filter((line) => line.startsWith("{"));
    const { path, requestId } = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
    assert.deepEqual([path, requestId], ["/seen", id]);
  });

  it("logs in the usual format when asked to", async () => {
    await site.use(config({ accessLog: "combined" }));
    await site.ask("/usual?a=b", { headers: { "user-agent": "me/1.0", referer: "https://maicivy.test/" } });
    const usual =
      /^[\d.]+ - - \[[^\]]+\] "GET \/usual\?a=b HTTP\/1\.1" 200 \d+ "https:\/\/maicivy\.test\/" "me\/1\.0"$/m;
    assert.match(await site.log(), usual);
    await site.use(config());
  });

  it("logs its own warnings, and nothing below", async () => {
    // Nginx warns of a body that it keeps in a file, and notes that it reloads.
    await site.ask("/api/x", { method: "POST", body: Buffer.alloc(2e6) });
    await site.use(config());
    const text = await site.log();
    assert.match(text, /\[warn\].* a client request body is buffered/);
    assert.doesNotMatch(text, /\[(notice|info|debug)\]/);
  });

  it("has a status for an exporter, not for visitors", async () => {
    assert.match(
      (await run(site.edge, "curl", "-s", "http://127.0.0.1:8405/status")).out,
      /Active connections: \d/,
    );
  });

  it("answers only health paths during maintenance", async () => {
    await site.use(config({ maintenance: true }));
    for (const name of ["maicivy.test", "status.maicivy.test"]) {
      const { status, headers, body } = await site.ask("/", { name, headers: { accept: "text/html" } });
      assert.deepEqual([status, headers["retry-after"]], [503, "300"], name);
      assert.match(body.toString(), /Back soon/);
    }
    assert.equal((await site.ask("/api/x")).status, 503);
    assert.equal((await site.ask("/health")).status, 200);
    await site.use(config());
    assert.equal((await site.ask("/api/x")).status, 200);
  });

  it("answers them also where a route's static files would be matched", async () => {
    const own = { headers: { "X-Frame-Options": "SAMEORIGIN" }, limit: { rate: "100/s" } };
    const routes = [{ path: "/", assets: true, ...own }];
    await site.use(config({ maintenance: true }, routes));
    const { status, headers, body } = await site.ask("/health");
    assert.deepEqual([status, body.toString(), headers["x-frame-options"]], [200, "ok", "SAMEORIGIN"]);
    assert.equal((await site.ask("/app.js")).status, 503);
    await site.use(config());
  });

  it("closes for maintenance also with a health path that the edge answers itself", async () => {
    const health = { path: "/metrics", probe: "/robots.txt" };
    await site.use(config({ maintenance: true, robots: "disallow" }, [{ path: "/" }], health));
    assert.equal((await site.ask("/")).status, 503);
    assert.equal((await site.ask("/metrics")).status, 404);
    assert.match((await site.ask("/robots.txt")).body.toString(), /^User-agent/);
    await site.use(config());
  });

  it("serves robots.txt and security.txt when they are declared", async () => {
    const contact = ["mailto:security@maicivy.test", "https://maicivy.test/report"];
    const expires = "2031-01-01T00:00:00Z";
    await site.use(
      config({ robots: "disallow", securityTxt: { contact, expires, languages: ["fr", "en"] } }),
    );
    assert.equal((await site.ask("/robots.txt")).body.toString(), "User-agent: *\nDisallow: /\n");
    const { headers, body } = await site.ask("/.well-known/security.txt");
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(
      body.toString(),
      `Contact: ${contact[0]}\nContact: ${contact[1]}\nExpires: ${expires}\nPreferred-Languages: fr, en\n` +
        "Canonical: https://maicivy.test/.well-known/security.txt\n",
    );
  });
});

function handshake(host: string, servername: string | undefined): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connectTls({ host, port: 443, servername, rejectUnauthorized: false }, () => {
      socket.end();
      done();
    });
    socket.on("error", fail);
  });
}
