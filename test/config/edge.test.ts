import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { parse } from "../../config/parse.ts";
import { ConfigError } from "../../config/problems.ts";
import { digest, MINIMAL, parsed, raw } from "../support/settings.ts";

const withEdge = (edge: object): Record<string, unknown> => ({ ...MINIMAL, edge });
const withRoute = (route: object): Record<string, unknown> => ({
  ...MINIMAL,
  apps: { api: { ...MINIMAL.apps.api, routes: [{ path: "/", ...route }] } },
});

describe("settings of the edge", () => {
  it("let a person browse by default", () => {
    const { edge } = parsed().config;
    const { rate, burst, connections } = edge.limits;
    assert.deepEqual([rate, burst, connections], [{ requests: 20, seconds: 1 }, 200, 100]);
    assert.deepEqual([edge.hsts, edge.hstsPreload, edge.accessLog], [31536000, false, "json"]);
    assert.deepEqual([edge.www, edge.http3, edge.maintenance], [true, false, false]);
  });

  it("are no stream and kept answers on one route", () => {
    const { config } = parsed({
      apps: { api: { ...MINIMAL.apps.api, routes: [{ path: "/", cache: "1 min", stream: true }] } },
    });
    assert.deepEqual(
      check("test", config, {}).map(({ path, message }) => [path, message]),
      [["apps.api.routes[0].cache", "a stream can't be kept"]],
    );
  });

  it("let routes be what they say", () => {
    const problems = (settings: object): string[] => {
      const { config } = parsed({ ...MINIMAL, ...settings });
      return check("test", config, {}).map(({ path, message }) => `${path}: ${message}`);
    };
    const routed = (...routes: object[]): object => ({ apps: { api: { ...MINIMAL.apps.api, routes } } });
    const cached = "apps.api.routes[0].cache";
    assert.deepEqual(problems(routed({ path: "/", cache: "1 s", buffering: false })), [
      `${cached}: without buffering nothing can be kept`,
    ]);
    assert.deepEqual(problems(routed({ path: "/x/", cache: "1 s", allow: ["10.0.0.0/8"] }, { path: "/" })), [
      `${cached}: what few may see isn't kept for all`,
    ]);
    assert.deepEqual(problems(routed({ path: "/", websocket: true, timeout: "5 min" })), [
      "apps.api.routes[0].timeout: WebSockets have edge.websocketTimeout",
    ]);
    assert.deepEqual(problems(routed({ path: "/x/", allow: ["10.0.0.0/8"] })), [
      "apps.api.routes[0].allow: the health of api is asked for at /x/, which would be open to everybody",
    ]);
    assert.deepEqual(problems(routed({ path: "/", allow: ["10.0.0.0/8"] })), []);
    assert.deepEqual(problems(routed({ path: "/", strip: true }, { path: "/a/", strip: true })), [
      "apps.api.routes[0].strip: the path / has no prefix to take away",
    ]);
    const placed = { sites: { "other.test": { routes: [{ app: "api", strip: true }] } } };
    assert.deepEqual(problems(placed), [
      "sites.other.test.routes[0].strip: the path / has no prefix to take away",
    ]);
    const limited = (limits: object, other: object): object => ({
      edge: { limits, subdomains: { cms: { ...other, limits: { rate: "1/s" } } } },
    });
    assert.deepEqual(problems(limited({}, { app: "api" })), []);
    assert.deepEqual(problems(limited({ enabled: false }, { app: "api" })), [
      "edge.subdomains.cms.limits: edge.limits.enabled is false, which is for all names",
    ]);
    assert.deepEqual(problems(limited({}, { redirect: "https://example.com" })), [
      "edge.subdomains.cms.limits: a redirect has no limits",
    ]);
    const grpc = { path: "/a.B/", grpc: true };
    assert.deepEqual(problems(routed({ path: "/" }, { ...grpc, timeout: "1 h", maxBody: "1 GB" })), []);
    for (const other of [
      { websocket: true },
      { stream: true },
      { assets: true },
      { noStore: true },
      { cache: "1 s" },
      { buffering: false },
    ])
      assert.deepEqual(
        problems(routed({ path: "/" }, { ...grpc, ...other }))[0],
        [`apps.api.routes[1].${Object.keys(other)[0]}: gRPC is passed on as it comes, always`][0],
      );
  });

  it("lead a subdomain to an application by its name, not as an upstream", () => {
    const { config } = parsed({ ...MINIMAL, edge: { subdomains: { cms: { upstream: "api:80" } } } });
    assert.deepEqual(check("test", config, {}), [
      {
        path: "edge.subdomains.cms.upstream",
        message: "api is an application of this stack",
        remedy: "Write app: api instead.",
      },
    ]);
  });

  it("lead subdomains and other sites to applications that are there, each name once", () => {
    const problems = (settings: object): string[] => {
      const { config } = parsed({ ...MINIMAL, ...settings });
      return check("test", config, {}).map(({ path, message }) => `${path}: ${message}`);
    };
    assert.deepEqual(
      problems({
        edge: {
          subdomains: { a: { routes: [{ app: "api" }, { app: "api" }, { path: "/x", app: "shop" }] } },
        },
        sites: {
          "other.test": { app: "shop" },
          "www.other.test": { app: "api" },
          "a.maicivy.test": { app: "api" },
          "www.maicivy.test": { app: "api" },
          "maicivy.test": { app: "api" },
        },
      }),
      [
        'edge.subdomains.a.routes[2].app: expected one of api, found "shop"',
        'sites.other.test.app: expected one of api, found "shop"',
        'edge.subdomains.a.routes[1].path: "/" already goes to api',
        "sites.www.other.test: www.other.test already belongs to other.test",
        "sites.a.maicivy.test: a.maicivy.test already belongs to maicivy.test",
        "sites.www.maicivy.test: www.maicivy.test already belongs to maicivy.test",
        "sites.maicivy.test: maicivy.test is the stack's domain already",
      ],
    );
    const sites = { "other.test": { routes: [{ app: "api", path: "/x/" }] }, "fourth.test": { app: "api" } };
    assert.deepEqual(problems({ sites }), []);
  });

  const expires = "2031-01-01T00:00:00Z";
  const bad: [string, Record<string, unknown>, string, RegExp][] = [
    ["a rate without a unit", withEdge({ limits: { rate: "100" } }), "edge.limits.rate", /a rate such as/],
    ["a rate of 0", withEdge({ limits: { rate: "0/s" } }), "edge.limits.rate", /a rate such as/],
    [
      "a rate of a subdomain without a unit",
      withEdge({ subdomains: { cms: { app: "api", limits: { rate: "5" } } } }),
      "edge.subdomains.cms.limits.rate",
      /a rate such as/,
    ],
    [
      "no connection to a subdomain",
      withEdge({ subdomains: { cms: { app: "api", limits: { connections: 0 } } } }),
      "edge.subdomains.cms.limits.connections",
      /at least 1/,
    ],
    ["no connection", withEdge({ limits: { connections: 0 } }), "edge.limits.connections", /at least 1/],
    [
      "a network of 33 bits",
      withEdge({ limits: { exempt: ["10.0.0.0/33"] } }),
      "edge.limits.exempt[0]",
      /network/,
    ],
    [
      "a name for a network",
      withEdge({ limits: { exempt: ["office"] } }),
      "edge.limits.exempt[0]",
      /network/,
    ],
    [
      "a header that ends the directive",
      withEdge({ headers: { "X-A": 'a"; b' } }),
      "edge.headers.X-A",
      /text without/,
    ],
    [
      "a header that names a variable",
      withEdge({ headers: { "X-A": "$host" } }),
      "edge.headers.X-A",
      /text without/,
    ],
    ["a header of two lines", withEdge({ headers: { "X-A": "a\nb" } }), "edge.headers.X-A", /./],
    [
      "a header's name with a blank",
      withEdge({ headers: { "X A": "a" } }),
      "edge.headers.X A",
      /a header's name/,
    ],
    ["a source that ends the policy", withEdge({ csp: { "img-src": ["a; b"] } }), "edge.csp.img-src", /./],
    ["an unknown word in quotes", withEdge({ csp: { "img-src": ["'me'"] } }), "edge.csp.img-src", /./],
    ["an alias that is no name", withEdge({ aliases: ["a b"] }), "edge.aliases[0]", /a domain name/],
    ["a subdomain with a dot", withEdge({ subdomains: { "a.b": {} } }), "edge.subdomains.a.b", /lower-case/],
    [
      "an address that ends the directive",
      withEdge({ subdomains: { a: { redirect: "https://a.test/;" } } }),
      "edge.subdomains.a.redirect",
      /an address such as/,
    ],
    [
      "a redirect to another protocol",
      withEdge({ subdomains: { a: { redirect: "javascript:x" } } }),
      "edge.subdomains.a.redirect",
      /an address such as/,
    ],
    [
      "a site without an answer",
      { ...MINIMAL, sites: { "other.test": {} } },
      "sites.other.test",
      /one of them/,
    ],
    [
      "a site that is no domain",
      { ...MINIMAL, sites: { other: { app: "api" } } },
      "sites.other",
      /a domain name/,
    ],
    [
      "an application and routes on a site",
      { ...MINIMAL, sites: { "other.test": { app: "api", routes: [{ app: "api" }] } } },
      "sites.other.test",
      /one of them/,
    ],
    [
      "a name that may use a route",
      withRoute({ allow: ["office"] }),
      "apps.api.routes[0].allow[0]",
      /network/,
    ],
    ["a timeout of nothing", withRoute({ timeout: "0 s" }), "apps.api.routes[0].timeout", /from 1 ms/],
    [
      "two answers on a subdomain",
      withEdge({ subdomains: { a: { app: "api", upstream: "a:1" } } }),
      "edge.subdomains.a",
      /either/,
    ],
    [
      "an upstream without a port",
      withEdge({ subdomains: { a: { upstream: "grafana" } } }),
      "edge.subdomains.a.upstream",
      /host:port/,
    ],
    [
      "an upstream whose port doesn't exist",
      withEdge({ subdomains: { a: { upstream: "grafana:65536" } } }),
      "edge.subdomains.a.upstream",
      /up to 65535/,
    ],
    [
      "an upstream with port 0",
      withEdge({ subdomains: { a: { upstream: "grafana:0" } } }),
      "edge.subdomains.a.upstream",
      /host:port/,
    ],
    [
      "a security.txt without an end",
      withEdge({ securityTxt: { contact: ["mailto:a@b.c"] } }),
      "edge.securityTxt.expires",
      /nothing/,
    ],
    [
      "a contact that is no URI",
      withEdge({ securityTxt: { contact: ["a@b.c"], expires } }),
      "edge.securityTxt.contact[0]",
      /a URI/,
    ],
    [
      "a limit without a rate",
      withRoute({ limit: { burst: 1 } }),
      "apps.api.routes[0].limit.rate",
      /nothing/,
    ],
    ["a cache that is a word", withRoute({ cache: "yes" }), "apps.api.routes[0].cache", /a duration/],
    ["a proxy without a list", { edge: { trustedProxies: "akamai" } }, "edge.trustedProxies", /cloudflare/],
    [
      "a proxy that is no network",
      { edge: { trustedProxies: ["192.0.2.0/33"] } },
      "edge.trustedProxies",
      /an address or a network/,
    ],
    ["a small disk", { edge: { spool: "100 MB" } }, "edge.spool", /at least 256 MB/],
    ["a policy that is true", withRoute({ csp: true }), "apps.api.routes[0].csp", /./],
  ];
  for (const [title, settings, path, message] of bad)
    it(`refuse ${title}`, () => {
      try {
        parse("fairlead", "test", raw(settings));
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        const found = error.problems.find((problem) => problem.path.startsWith(path));
        assert.ok(found, error.message);
        assert.match(found.message, message);
        assert.ok(found.remedy);
        return;
      }
      assert.fail("it was accepted");
    });
});

describe("checks between settings of the edge", () => {
  const paths = (settings: object): string[] => {
    const image = `ghcr.io/me/api@${digest("a")}`;
    const { config } = parsed({ apps: { api: { image, port: 80, routes: [{ path: "/" }] } }, ...settings });
    return check("test", config, {}).map(({ path }) => path);
  };

  it("find a subdomain that leads nowhere", () => {
    assert.deepEqual(paths({ edge: { subdomains: { status: { app: "web" } } } }), [
      "edge.subdomains.status.app",
    ]);
    assert.deepEqual(paths({ edge: { subdomains: { status: { app: "api" } } } }), []);
  });

  it("find a route that forbids caching and caches", () => {
    const apps = (route: object): object => ({
      api: { image: `ghcr.io/me/api@${digest("a")}`, port: 80, routes: [{ path: "/", ...route }] },
    });
    assert.deepEqual(paths({ apps: apps({ noStore: true, cache: "5 min" }) }), ["apps.api.routes[0].cache"]);
    assert.deepEqual(paths({ apps: apps({ websocket: true, cache: "5 min" }) }), [
      "apps.api.routes[0].cache",
    ]);
    assert.deepEqual(paths({ apps: apps({ cache: "5 min" }) }), []);
  });

  it("find proxies that are the whole internet, and a PROXY protocol that no proxy may send or that can't be sent", () => {
    assert.deepEqual(paths({ edge: { trustedProxies: ["192.0.2.0/24", "0.0.0.0/0", "::/0"] } }), [
      "edge.trustedProxies[1]",
      "edge.trustedProxies[2]",
    ]);
    assert.deepEqual(paths({ edge: { proxyProtocol: true } }), ["edge.proxyProtocol"]);
    const edge = { trustedProxies: ["192.0.2.7"], proxyProtocol: true };
    assert.deepEqual(paths({ edge }), []);
    assert.deepEqual(paths({ edge: { ...edge, http3: true } }), ["edge.proxyProtocol"]);
    assert.deepEqual(paths({ edge: { trustedProxies: "cloudflare" } }), []);
  });

  it("find a name that is there twice", () => {
    const edge = { subdomains: { status: {} }, aliases: ["status.maicivy.test"] };
    assert.deepEqual(paths({ edge }), ["edge.aliases[0]"]);
    assert.deepEqual(paths({ edge: { subdomains: { www: {} } } }), ["edge.subdomains.www"]);
    assert.deepEqual(paths({ edge: { www: false, subdomains: { www: {} } } }), []);
  });
});
