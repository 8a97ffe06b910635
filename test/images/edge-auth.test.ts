import assert from "node:assert/strict";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { userFiles } from "../../components/edge/render/auth.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import { parsed } from "../support/settings.ts";
import { writeUsers } from "../support/users.ts";
import { HIGH } from "./edge-application.ts";
import { raw } from "./edge-clients.ts";
import { edgeSite, type Answer } from "./edge-site.ts";

const image = "ghcr.io/me/shop:1.0.0";
const ANN = { users: { ann: "ANN_PASSWORD" } };
const BOTH = { users: { ann: "ANN_PASSWORD", bob: "BOB_PASSWORD" } };

/** The same users, asked for on a route, a subdomain and another domain. */
function config(): StackConfig {
  const web = {
    image,
    port: 3000,
    health: { probe: "/admin/health" },
    routes: [
      { path: "/" },
      { path: "/health" },
      { path: "/admin/", auth: ANN, assets: true },
      { path: "/socket/", auth: ANN, websocket: true },
      { path: "/closed/", auth: ANN, allow: ["192.0.2.1"] },
      { path: "/flow/", auth: ANN, buffering: false },
    ],
  };
  return parsed({
    apps: { web },
    images: "debian",
    edge: {
      limits: HIGH,
      subdomains: { cms: { app: "web", auth: BOTH }, tools: { auth: ANN, upstream: "nobody:80" } },
    },
    sites: {
      "other.test": {
        auth: ANN,
        routes: [
          { app: "web" },
          { app: "web", path: "/open/", auth: false },
          { app: "web", path: "/bob/", auth: { users: { bob: "BOB_PASSWORD" } } },
        ],
      },
    },
  }).config;
}

const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

describe("passwords of visitors", () => {
  const site = edgeSite(config());
  const passwords = { ANN_PASSWORD: 'pä$$ "word"', BOB_PASSWORD: "x".repeat(255) };
  site.passwords = passwords;
  const ann = basic("ann", passwords.ANN_PASSWORD);
  const bob = basic("bob", passwords.BOB_PASSWORD);
  const status = async (path: string, headers = {}, name?: string, body?: string): Promise<number> =>
    (await site.ask(path, { name, headers, method: body ? "POST" : "GET", body })).status;

  it("are asked for, with the edge's page, on their route alone", async () => {
    const asked: Answer = await site.ask("/admin/x", { headers: { accept: "text/html" } });
    assert.equal(asked.status, 401);
    assert.equal(asked.headers["www-authenticate"], 'Basic realm="Sign in"');
    assert.match(asked.body.toString(), /<html[^]*401/);
    assert.equal(asked.headers["cache-control"], "no-store");
    assert.equal(await status("/"), 200);
    assert.equal(await status("/admin/x", ann), 200);
    const wrong = [basic("ann", "other"), basic("eve", "x"), basic("ann", ""), { authorization: "Bearer x" }];
    for (const headers of [...wrong, bob]) assert.equal(await status("/admin/x", headers), 401);
  });

  it("are asked for with a body, which doesn't reach the application before, and for files", async () => {
    for (const path of ["/admin/count", "/flow/count"]) {
      for (const body of ["x", "x".repeat(2_000_000)]) {
        assert.equal(await status(path, {}, undefined, body), 401, path);
        assert.equal(await status(path, ann, undefined, body), 200, path);
      }
    }
    assert.equal(await status("/admin/app.js"), 401);
    assert.equal(await status("/admin/app.js", ann), 200);
  });

  it("are not shown to the application", async () => {
    for (const path of ["/admin/seen", "/admin/seen.js", "/flow/seen"])
      assert.doesNotMatch((await site.ask(path, { headers: ann })).body.toString(), /authorization/);
    const own = await site.ask("/seen", { headers: { authorization: "Bearer own" } });
    assert.match(own.body.toString(), /"authorization":"Bearer own"/);
    const sent = await site.ask("/admin/seen", { headers: ann, method: "POST", body: "x".repeat(100) });
    assert.doesNotMatch(sent.body.toString(), /authorization/);
  });

  it("are asked for together with an allowed address, and not for the health of a release", async () => {
    assert.equal(await status("/closed/x", ann), 403);
    assert.equal(await status("/admin/health"), 200);
    assert.equal(await status("/admin/health/x"), 401);
  });

  it("are asked for before a WebSocket opens", async () => {
    const upgrade = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    const opened = async (...more: string[]): Promise<number> =>
      (
        await raw(
          site,
          ["GET /socket/x HTTP/1.1", "Host: maicivy.test", ...upgrade, ...more, "", ""].join("\r\n"),
        )
      ).status;
    assert.equal(await opened(), 401);
    assert.equal(await opened(`Authorization: ${ann.authorization}`), 101);
  });

  it("are those of a subdomain and of a site, where a route may have its own or none", async () => {
    assert.deepEqual(
      [await status("/", {}, "cms.maicivy.test"), await status("/", ann, "cms.maicivy.test")],
      [401, 200],
    );
    assert.equal(await status("/", bob, "cms.maicivy.test"), 200);
    // Nobody is there: who is let in sees the page for 503.
    assert.deepEqual(
      [await status("/", {}, "tools.maicivy.test"), await status("/", ann, "tools.maicivy.test")],
      [401, 503],
    );
    const found = await Promise.all(
      ["/", "/open/x", "/bob/x"].map((path) =>
        Promise.all([{}, ann, bob].map((headers) => status(path, headers, "other.test"))),
      ),
    );
    assert.deepEqual(found, [
      [401, 200, 401],
      [200, 200, 200],
      [401, 401, 200],
    ]);
  });

  it("change at once, without a reload; the same ones change nothing, and no file has them in plain text", async () => {
    const folder = join(site.folder, "edge", "users");
    const files = userFiles({ ...config(), httpsPort: 443 });
    assert.deepEqual(writeUsers(folder, files, passwords), []);
    const text = Object.keys(files).map((file) => readFileSync(join(folder, file), "utf8"));
    for (const password of Object.values(passwords)) assert.ok(!text.join("").includes(password));
    const rotated = { ...passwords, BOB_PASSWORD: "another" };
    assert.deepEqual(writeUsers(folder, files, rotated).sort(), ["cms", "route_other.test_web__47bob_47"]);
    assert.equal(await status("/", bob, "cms.maicivy.test"), 401);
    assert.equal(await status("/", basic("bob", "another"), "cms.maicivy.test"), 200);
    assert.equal(await status("/", ann, "cms.maicivy.test"), 200);
  });

  it("are in neither log", async () => {
    const logs = (await site.log()) + (await site.log("switch"));
    for (const secret of [...Object.values(passwords), ann.authorization!.slice(6)])
      assert.ok(!logs.includes(secret));
  });
});
