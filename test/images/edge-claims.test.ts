import assert from "node:assert/strict";
import { claims } from "../../components/edge/render/claims.ts";
import { config } from "./edge-application.ts";
import { one, raw, three, two } from "./edge-clients.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine } from "./support.ts";

interface Seen {
  url: string;
  headers: Record<string, string>;
}

/** Headers of a visitor who claims to be another one. */
const EVIL = "198.51.100.66";

onEngine("what the edge says to an application, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  const site = edgeSite(config({ http3: true }));

  const seen = async (headers: Record<string, string>, path = "/seen", name?: string): Promise<Seen> =>
    JSON.parse((await site.ask(path, { headers, name })).body.toString()) as Seen;
  /** What it sees without any claim, over this version. */
  const EXPECTED = ["host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"];

  it("is its own word: nothing that a visitor claims about themselves gets there", async () => {
    const decided = [...claims(443).matchAll(/^proxy_set_header (\S+) /gm)].map((match) => match[1]!);
    assert.ok(decided.length > 90, "the table is read");
    // Nor unknown headers, nor other spellings.
    const other = ["X-Forwarded-Anything", "X-Forwarded-For-Original", "x-FORWARDED-server", "X-Forwarded-"];
    const spelt = [
      "X_Forwarded_For",
      "X_Real_IP",
      "X_Forwarded_Host",
      "X.Forwarded.For",
      "Remote_User",
      "Proxy_",
    ];
    const sent = [...decided, ...other, ...spelt].filter((name) => name !== "Host");
    for (const name of sent) {
      const { headers } = await seen({ [name]: EVIL });
      assert.ok(!JSON.stringify(headers).includes(EVIL), `${name}: ${JSON.stringify(headers)}`);
      assert.deepEqual(
        Object.keys(headers).filter((header) => /forward|real|host/.test(header)),
        ["host", "x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"],
        name,
      );
    }
  });

  it("is so over HTTP/2 and HTTP/3 too, and on a subdomain", async () => {
    const claim = {
      "x-forwarded-for": EVIL,
      "x-forwarded-host": EVIL,
      forwarded: `for=${EVIL}`,
      proxy: EVIL,
    };
    const asked = Object.entries(claim).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const answers = [
      await two(site, { ":path": "/seen", ...claim }),
      await three(site, "/seen", ...asked),
      await two(site, { ":path": "/seen", ":authority": "status.maicivy.test", ...claim }),
    ];
    for (const { body } of answers) {
      assert.ok(!body.includes(EVIL), body);
      const { headers } = JSON.parse(body) as Seen;
      for (const name of EXPECTED) assert.ok(headers[name], `${name}: ${body}`);
    }
  });

  it("has who asks, the name that is declared, and no other", async () => {
    const { headers } = await seen({});
    assert.equal(headers["x-real-ip"], site.gateway);
    assert.equal(headers["x-forwarded-for"], site.gateway);
    assert.equal(headers["x-forwarded-proto"], "https");
    for (const [name, spelt] of [
      ["maicivy.test", "MAICIVY.test"],
      ["maicivy.test", "maicivy.test:8443"],
      ["maicivy.test", "maicivy.test."],
      ["status.maicivy.test", "status.maicivy.test:1"],
    ] as const) {
      const found = (await seen({ host: spelt }, "/seen", name)).headers;
      assert.deepEqual(
        [found.host, found["x-forwarded-host"], found["x-forwarded-port"]],
        [name, name, "443"],
        spelt,
      );
    }
    const absolute = await one(site, "GET http://maicivy.test:99/seen", ["Host: maicivy.test"]);
    assert.equal((JSON.parse(absolute.body) as Seen).headers.host, "maicivy.test");
  });

  it("has the port that the outside world uses, as an Origin has it", async () => {
    await site.use(config(), 8443);
    for (const name of ["maicivy.test", "status.maicivy.test"]) {
      const origin = `https://${name}:8443`;
      const { headers } = await seen({ origin, host: `${name}:8443` }, "/seen", name);
      assert.equal(headers.host, new URL(headers.origin!).host);
      assert.equal(headers["x-forwarded-host"], headers.host);
      assert.equal(headers["x-forwarded-port"], "8443");
    }
    await site.use(config({ http3: true }));
  });

  describe("upgrades", () => {
    const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    const upgrade = async (path: string, to: string, host = "maicivy.test", key = KEY): Promise<string> => {
      const lines = [`Host: ${host}`, "Connection: upgrade", `Upgrade: ${to}`, "HTTP2-Settings: AAMAAABk"];
      const half = ["Sec-WebSocket-Version: 13", ...(key ? [key] : [])];
      const { status, body } = await raw(
        site,
        [`GET ${path} HTTP/1.1`, ...lines, ...half, "", ""].join("\r\n"),
      );
      return /"upgrade"|"http2-settings"/.test(body) ? `${status} with ${body}` : String(status);
    };

    it("are passed on for WebSockets, however they are spelt, where a route allows them", async () => {
      const spelt = ["websocket", "WebSocket", "WEBSOCKET"];
      for (const status of await Promise.all(spelt.map((to) => upgrade("/ws", to))))
        assert.equal(status, "101");
      assert.equal(await upgrade("/ws", "websocket", "status.maicivy.test"), "101");
    });

    it("are ordinary requests for any other protocol, without a key, and anywhere else", async () => {
      const protocols = ["h2c", "TLS/1.0", "websocket, h2c", "h2c, websocket", "echo", "websocket2"];
      const found = await Promise.all([
        ...protocols.map((to) => upgrade("/ws/seen", to)),
        upgrade("/ws/seen", "websocket", "maicivy.test", ""),
        ...["/seen", "/api/seen"].map((path) => upgrade(path, "websocket")),
        upgrade("/seen", "h2c", "status.maicivy.test"),
      ]);
      assert.deepEqual(new Set(found), new Set(["200"]));
    });

    it("are ordinary requests on a subdomain that allows none", async () => {
      await site.use(config({ subdomains: { status: { app: "web", websocket: false } } }));
      assert.equal(await upgrade("/seen", "websocket", "status.maicivy.test"), "200");
      await site.use(config({ http3: true }));
    });
  });

  it("has the address as it was asked for", async () => {
    const paths = ["/a|b/seen", "/{x}/seen", '/seen?q=a|b{}^`"<>\\', "/a%20b/seen", "/%2f/seen", "//x/seen"];
    for (const path of paths) {
      const { body } = await one(site, `GET ${path}`);
      assert.equal((JSON.parse(body) as Seen).url, path);
    }
    // What isn't ASCII gets there as well: this application, like any of Node's, refuses it itself, without a word.
    const { status, body } = await one(site, "GET /é/seen");
    assert.equal(status, 400);
    assert.doesNotMatch(body, /html|browser/);
  });

  describe("headers of a request", () => {
    const cookie = (bytes: number): string => `c=${"x".repeat(bytes - 2)}`;

    it("may be as large as real visitors' cookies, over any version", async () => {
      for (const bytes of [8_000, 15_000, 30_000, 8 * 4096 + 64]) {
        const answers = [
          await one(site, "GET /seen", [`Cookie: ${cookie(bytes)}`]),
          await two(site, { ":path": "/seen", cookie: cookie(bytes) }),
          await three(site, "/seen", "-H", `cookie: ${cookie(bytes)}`),
        ];
        for (const { status, body } of answers) {
          assert.equal(status, 200, `${bytes}`);
          assert.equal((JSON.parse(body) as Seen).headers.cookie?.length, bytes);
        }
      }
    });

    it("may be as many as programs send", async () => {
      const many = Array.from({ length: 300 }, (_, index) => `X-Header-${index}: ${index}`);
      assert.equal(
        (JSON.parse((await one(site, "GET /seen", many)).body) as Seen).headers["x-header-299"],
        "299",
      );
    });
  });

  describe("headers of an answer", () => {
    it("may be as large as frameworks make them, and come back", async () => {
      for (const [cookies, size] of [
        [4, 1024],
        [1, 4096],
        [8, 4096],
        [1, 32 * 1024],
        [200, 100],
      ] as const) {
        const { status, headers } = await site.ask(`/x?cookies=${cookies}&size=${size}`);
        assert.equal(status, 200);
        assert.equal(headers["set-cookie"]?.length, cookies);
        const cookie = (headers["set-cookie"] as string[]).join("; ");
        if (cookies < 200) assert.equal((await seen({ cookie })).headers.cookie, cookie);
      }
    });

    it("may be as large over HTTP/2 and HTTP/3, and of an answer that is kept", async () => {
      for (const path of ["/x?cookies=8&size=4096", "/api/cv?header-x-large=" + "y".repeat(20_000)]) {
        assert.equal((await two(site, { ":path": path })).status, 200);
        assert.equal((await three(site, path)).status, 200);
      }
    });
  });
});
