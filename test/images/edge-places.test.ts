import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { parsed } from "../support/settings.ts";
import { answerWaiting, HIGH } from "./edge-application.ts";
import { raw } from "./edge-clients.ts";
import { edgeSite } from "./edge-site.ts";
import type { StackConfig } from "../../config/schema/index.ts";

const image = "ghcr.io/me/shop:1.0.0";
const NOBODY = ["192.0.2.1"];

/** Routes with settings of their own, on the domain, on a subdomain and on other domains. */
function config(): StackConfig {
  const routes = [
    { path: "/" },
    { path: "/health" },
    { path: "/shop/", strip: true, assets: true },
    { path: "/slow/", timeout: "500 ms" },
    { path: "/patient/", timeout: "10 s" },
    { path: "/flow/", buffering: false },
    { path: "/closed/", allow: NOBODY },
    { path: "/open/", allow: ["0.0.0.0/0"] },
  ];
  return parsed({
    apps: {
      web: { image, port: 3000, routes },
      admin: {
        image,
        port: 3001,
        health: { probe: "/admin/health" },
        routes: [{ path: "/admin/", allow: NOBODY }],
      },
    },
    images: "debian",
    edge: {
      limits: HIGH,
      proxyTimeout: "1 s",
      subdomains: {
        status: { redirect: "https://stats.example.com/page?a=b" },
        old: { redirect: "https://new.example.com" },
        cms: { app: "admin" },
        api: {
          headers: { "X-Where": "api" },
          routes: [
            { app: "web", maxBody: "1 KB" },
            { path: "/v1/", app: "web", strip: true, headers: { "X-Version": "1" } },
            { path: "/socket/", app: "web", websocket: true },
          ],
        },
      },
    },
    sites: {
      "other.test": { app: "web", headers: { "X-Where": "other" } },
      "third.test": { www: false, routes: [{ app: "web", path: "/only/" }] },
    },
  }).config;
}

describe("places of the edge", () => {
  const site = edgeSite(config());
  const seen = async (path: string, name?: string): Promise<{ url: string; host: string }> => {
    const { status, body } = await site.ask(path, { name });
    assert.equal(status, 200, body.toString());
    const { url, headers } = JSON.parse(body.toString()) as { url: string; headers: { host: string } };
    return { url, host: headers.host };
  };

  describe("a route", () => {
    it("keeps its prefix, or takes it away, with the query", async () => {
      assert.equal((await seen("/slow/seen?a=/slow/")).url, "/slow/seen?a=/slow/");
      assert.equal((await seen("/shop/seen?a=/shop/")).url, "/seen?a=/shop/");
      assert.equal((await seen("/shop/shop/a%20b/seen")).url, "/shop/a%20b/seen");
    });

    it("takes its prefix away from what has a body, and from files", async () => {
      const sent = await site.ask("/shop/seen", { method: "POST", body: "x".repeat(100) });
      assert.equal((JSON.parse(sent.body.toString()) as { url: string }).url, "/seen");
      const file = await site.ask("/shop/missing.js");
      assert.equal(file.status, 404);
      assert.equal(
        (await site.ask("/shop/app.js")).headers["cache-control"],
        "public, max-age=31536000, immutable",
      );
    });

    it("lets the application be silent as long as it says", async () => {
      for (const path of ["/slow/wait", "/wait"]) {
        const start = Date.now();
        assert.equal((await site.ask(path)).status, 504, path);
        assert.ok(Date.now() - start < 4000, path);
      }
      const patient = site.ask("/patient/wait");
      await sleep(2500);
      answerWaiting();
      assert.deepEqual(await patient.then(({ status, body }) => [status, body.toString()]), [200, "waited"]);
    });

    it("passes an answer on as it comes without buffering", async () => {
      assert.match((await site.ask("/flow/events?type=text/plain")).body.toString(), /data: 3/);
      const { body } = await site.ask("/flow/count", { method: "POST", body: "x".repeat(2000) });
      assert.match(body.toString(), /^2000 /);
    });

    it("is closed to all but the addresses that it names, with a body too", async () => {
      for (const method of ["GET", "POST"])
        assert.equal(
          (await site.ask("/closed/x", { method, body: method === "POST" ? "x" : undefined })).status,
          403,
        );
      assert.equal((await site.ask("/open/x")).status, 200);
      assert.equal((await site.ask("/open/x", { method: "POST", body: "x" })).status, 200);
    });

    it("answers its health path to everybody, and nothing beside it", async () => {
      assert.equal((await site.ask("/admin/health")).status, 200);
      assert.equal((await site.ask("/admin/")).status, 403);
      assert.equal((await site.ask("/admin/health/x")).status, 403);
    });
  });

  describe("a subdomain", () => {
    it("sends visitors to another address, with their path where that has none", async () => {
      const { status, headers } = await site.ask("/x", { name: "status.maicivy.test" });
      assert.deepEqual([status, headers.location], [302, "https://stats.example.com/page?a=b"]);
      const old = await site.ask("/x?y=z", { name: "old.maicivy.test" });
      assert.equal(old.headers.location, "https://new.example.com/x?y=z");
    });

    it("has routes with settings of their own", async () => {
      const name = "api.maicivy.test";
      assert.deepEqual(await seen("/v1/seen", name), { url: "/seen", host: name });
      const { headers } = await site.ask("/v1/x", { name });
      assert.deepEqual([headers["x-version"], headers["x-where"]], ["1", "api"]);
      const large = { name, method: "POST", body: "x".repeat(2000) };
      assert.equal((await site.ask("/count", large)).status, 413);
      assert.equal((await site.ask("/v1/count", large)).status, 200);
    });
  });

  describe("another domain", () => {
    it("has applications, headers and a www of its own", async () => {
      assert.deepEqual(await seen("/seen", "other.test"), { url: "/seen", host: "other.test" });
      const { headers } = await site.ask("/", { name: "other.test" });
      assert.deepEqual([headers["x-where"], headers["x-frame-options"]], ["other", "DENY"]);
      const www = await site.ask("/a?b=c", { name: "www.other.test" });
      assert.deepEqual([www.status, www.headers.location], [301, "https://other.test/a?b=c"]);
      assert.equal((await site.ask("/")).headers["x-where"], undefined);
    });

    it("answers what its routes name only", async () => {
      assert.equal((await seen("/only/seen", "third.test")).host, "third.test");
      assert.equal((await site.ask("/seen", { name: "third.test" })).status, 404);
      await assert.rejects(site.ask("/", { name: "www.third.test" }), /unrecognized name/);
    });
  });
  it("take WebSockets as a browser opens them, on any path of an application; of routes, where one says so", async () => {
    const opened = async (name: string, path: string): Promise<number> => {
      const asked = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", `Origin: https://${name}`];
      const key = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
      const extensions = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
      const lines = [`Host: ${name}`, ...asked, ...key, extensions, "", ""];
      return (await raw(site, [`GET ${path} HTTP/1.1`, ...lines].join("\r\n"))).status;
    };
    assert.equal(await opened("cms.maicivy.test", "/websocket"), 101);
    assert.equal(await opened("other.test", "/any/path?token=x"), 101);
    assert.equal(await opened("api.maicivy.test", "/socket/x"), 101);
    for (const [name, path] of [
      ["api.maicivy.test", "/seen"],
      ["maicivy.test", "/seen"],
    ] as const)
      assert.equal(await opened(name, path), 200, name);
  });
});
