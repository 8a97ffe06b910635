import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { edgeFiles } from "../../components/edge/render/files.ts";
import { siteNames } from "../../components/edge/names.ts";
import { healthPaths } from "../../config/probe-path.ts";
import { upstreamFiles } from "../../components/switch/haproxy-cfg.ts";
import { PROXIES } from "../../config/proxies.ts";
import { label } from "../../config/schema/fields.ts";
import { parsed } from "../support/settings.ts";

const image = "ghcr.io/me/api:1.0.0";
const APPS = {
  api: {
    image,
    port: 8080,
    health: { probe: "/api/deep" },
    routes: [
      { path: "/api/", noStore: true, limit: { rate: "10/s" } },
      { path: "/ws", websocket: true },
    ],
  },
  web: { image, port: 3000, routes: [{ path: "/", log: false }] },
  job: { image, port: 9000 },
};

/** The files of a site with these settings of the edge. */
function files(edge: object = {}, httpsPort = 443): Record<string, string> {
  const { config } = parsed({ apps: APPS, edge });
  return edgeFiles({ ...config, httpsPort });
}

const nginx = (edge: object = {}, httpsPort = 443): string => files(edge, httpsPort)["nginx.conf"]!;

/** The server block of a name on a port. */
function server(text: string, port: number, name: string): string {
  const blocks = text.split(/^ {2}server \{$/m).slice(1);
  const found = blocks.find(
    (block) =>
      new RegExp(`listen ${port}\\b`).test(block) &&
      new RegExp(`server_name ([^;]* )?${name}[ ;]`).test(block),
  );
  assert.ok(found, `a server for ${name} on ${port}`);
  return found.split(/^ {2}\}$/m)[0]!;
}

const location = (path: string, edge: object = {}): string =>
  new RegExp(`location ${path} \\{[^}]*\\}`).exec(server(nginx(edge), 443, "maicivy.test"))![0];

describe("timeouts of the edge", () => {
  it("are whole numbers, which is all that Nginx reads", () => {
    const rendered = files({ proxyTimeout: "1.5 s", clientTimeout: "500 ms" });
    assert.match(rendered["proxy.conf"]!, /^proxy_read_timeout 1500ms;$/m);
    assert.match(
      rendered["proxy-upgrade.conf"]!,
      /^proxy_connect_timeout 1500ms;\n.*\nproxy_read_timeout 86400s;$/m,
    );
    assert.match(rendered["nginx.conf"]!, /^ {2}send_timeout 500ms;$/m);
  });
});

describe("names of the edge", () => {
  it("are the domain, www, subdomains and aliases, each once", () => {
    const { edge } = parsed({
      edge: { subdomains: { status: {}, analytics: {} }, aliases: ["maicivy.fr", "www.maicivy.test"] },
    }).config;
    assert.deepEqual(siteNames({ domain: "maicivy.test", edge }), [
      "maicivy.test",
      "www.maicivy.test",
      "maicivy.fr",
      "analytics.maicivy.test",
      "status.maicivy.test",
    ]);
    assert.deepEqual(siteNames({ domain: "www.maicivy.test", edge: parsed().config.edge }), [
      "www.maicivy.test",
    ]);
    const sites = { "other.test": { app: "api" }, "third.test": { app: "api", www: false } };
    assert.deepEqual(siteNames(parsed({ sites, edge: { www: false } }).config), [
      "maicivy.test",
      "other.test",
      "third.test",
      "www.other.test",
    ]);
    const { edge: bare } = parsed({ edge: { www: false } }).config;
    assert.deepEqual(siteNames({ domain: "maicivy.test", edge: bare }), ["maicivy.test"]);
  });
});

describe("the certificate of a site", () => {
  const text = (certificate?: object): string => {
    const sites = { "other.test": { app: "api", certificate }, "third.test": { app: "api" } };
    return edgeFiles({ ...parsed({ apps: APPS, sites }).config, httpsPort: 443 })["nginx.conf"]!;
  };
  const pair = "ssl_certificate $tls/sites/other.test/fullchain.pem;";
  const key = "ssl_certificate_key $tls/sites/other.test/privkey.pem;";

  it("of its own is shown for it and its www., and for no other name", () => {
    const rendered = text({});
    for (const name of ["other.test", "www.other.test"]) {
      const block = server(rendered, 443, name.replaceAll(".", "\\."));
      assert.ok(block.includes(pair) && block.includes(key), name);
    }
    assert.equal(rendered.split("ssl_certificate ").length, 3);
  });

  it("is the domain's without the setting", () => assert.ok(!text().includes("ssl_certificate")));
});

describe("the edge's configuration", () => {
  it("redirects to the port that the outside world uses", () => {
    assert.match(nginx(), /return 301 https:\/\/maicivy\.test\$request_uri;/);
    assert.match(nginx({}, 8443), /return 301 https:\/\/maicivy\.test:8443\$request_uri;/);
  });

  it("answers challenges on port 80 of every name, and leads a subdomain to itself", () => {
    const text = nginx({ subdomains: { analytics: {} }, aliases: ["maicivy.fr"] });
    for (const name of ["maicivy.test", "www.maicivy.test", "maicivy.fr", "analytics.maicivy.test"]) {
      const block = server(text, 80, name.replaceAll(".", "\\."));
      assert.match(block, /location \/\.well-known\/acme-challenge\/ \{\s+root \/var\/www\/certbot;/, name);
      const target = name.startsWith("analytics") ? name : "maicivy.test";
      assert.ok(block.includes(`return 301 https://${target}$request_uri;`), name);
    }
  });

  it("leads www and aliases to the domain over TLS, and refuses names that it doesn't serve", () => {
    assert.match(
      server(nginx(), 443, "www\\.maicivy\\.test"),
      /return 301 https:\/\/maicivy\.test\$request_uri;/,
    );
    assert.match(server(nginx(), 443, "_"), /ssl_reject_handshake on;/);
  });

  it("sends each route to its application, and nothing to one without routes", () => {
    assert.match(location("/api/"), /proxy_pass http:\/\/api;/);
    assert.match(location("/"), /proxy_pass http:\/\/web;[^}]*access_log off;/);
    assert.doesNotMatch(nginx(), /upstream job/);
  });

  it("repeats what a location would lose", () => {
    for (const path of ["/api/", "/ws", "/"]) assert.match(location(path), /include headers\.conf;/, path);
    assert.match(location("/ws"), /include proxy-upgrade\.conf;/);
    assert.match(location("/api/"), /include proxy\.conf;/);
    const upgrade = files()["proxy-upgrade.conf"]!;
    for (const header of ["Host", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id"])
      for (const name of ["proxy.conf", "proxy-upgrade.conf"])
        assert.match(files()[name]!, new RegExp(`^proxy_set_header ${header} `, "m"), `${header} in ${name}`);
    assert.match(upgrade, /proxy_set_header Upgrade \$upgrade;\nproxy_set_header Connection \$conn/);
    assert.match(upgrade, /proxy_read_timeout 86400s;/);
    assert.match(files()["proxy.conf"]!, /proxy_set_header Connection "";/);
    assert.match(files()["proxy.conf"]!, /proxy_read_timeout 60s;/);
  });

  it("keeps metrics private on every name, unless a route names the very path", () => {
    const closed = /location = \/metrics \{\s+return 404;/;
    const subdomains = { status: { app: "web" }, graphs: { upstream: "grafana:3001" } };
    for (const name of ["maicivy.test", "status.maicivy.test", "graphs.maicivy.test"])
      assert.match(server(nginx({ subdomains }), 443, name), closed, name);
    const routed = (path: string): string => {
      const routes = [{ path: "/" }, { path }];
      const { config } = parsed({ apps: { ...APPS, web: { ...APPS.web, routes } }, edge: { subdomains } });
      return edgeFiles({ ...config, httpsPort: 443 })["nginx.conf"]!;
    };
    assert.match(server(routed("/metrics-shop"), 443, "maicivy.test"), closed);
    for (const name of ["maicivy.test", "status.maicivy.test"])
      assert.doesNotMatch(server(routed("/metrics"), 443, name), closed, name);
    assert.match(server(routed("/metrics"), 443, "graphs.maicivy.test"), closed);
  });

  it("speaks TLS 1.2 and 1.3 with forward secrecy only", () => {
    const tls = files()["tls.conf"]!;
    assert.match(tls, /ssl_protocols TLSv1\.2 TLSv1\.3;/);
    const suites = /ssl_ciphers ([^;]+);/.exec(tls)![1]!.split(":");
    assert.ok(suites.every((suite) => suite.startsWith("ECDHE-") && /GCM|POLY1305/.test(suite)));
    assert.match(tls, /^ssl_session_cache shared:\w+:10m;\nssl_session_timeout 10m;$/m);
  });

  it("compresses at level 6, from 1024 bytes on, and logs errors from warnings on", () => {
    const { config } = parsed({ apps: APPS, images: "debian" });
    const text = edgeFiles({ ...config, httpsPort: 443 })["nginx.conf"]!;
    assert.match(text, /gzip_comp_level 6;\s+gzip_min_length 1024;/);
    assert.match(text, /brotli_comp_level 6;\s+brotli_min_length 1024;/);
    assert.match(text, /^error_log \/dev\/stderr warn;$/m);
  });

  it("has a place for kept answers when a route wants one, with room for 10 MB of keys", () => {
    assert.doesNotMatch(nginx(), /proxy_cache/);
    const web = { ...APPS.web, routes: [{ path: "/", cache: "5 min" }] };
    const { config } = parsed({ apps: { web }, edge: { cacheSize: "8 MB" } });
    const text = edgeFiles({ ...config, httpsPort: 443 })["nginx.conf"]!;
    assert.match(
      text,
      /proxy_cache_path \/var\/spool\/nginx\/cache levels=1:2 keys_zone=api_cache:10m .*max_size=8388608;/,
    );
    assert.match(text, /proxy_cache_valid 200 300s;/);
  });
});

describe("limits of the edge", () => {
  it("let a person browse by default, are maicivy's when it says so, and answer 429", () => {
    assert.match(nginx(), /limit_req_zone \$ip_limit_key zone=ip_limit:10m rate=20r\/s;/);
    assert.match(server(nginx(), 443, "maicivy.test"), /limit_req zone=ip_limit burst=200 nodelay;/);
    const limits = { rate: "100/min", burst: 20, connections: 10 };
    assert.match(nginx({ limits }), /limit_req_zone \$ip_limit_key zone=ip_limit:10m rate=100r\/m;/);
    assert.match(nginx(), /limit_req_status 429;\s+limit_conn_status 429;/);
    const site = server(nginx({ limits }), 443, "maicivy.test");
    assert.match(site, /limit_req zone=ip_limit burst=20 nodelay;/);
    assert.match(site, /limit_conn addr 10;/);
  });

  it("leave health paths to a zone of their own, and exempt whom one says", () => {
    assert.deepEqual(healthPaths(parsed({ apps: APPS }).config.apps), ["/api/deep", "/health"]);
    const text = nginx({ limits: { exempt: ["192.0.2.0/24", "2001:db8::1"] } });
    assert.match(text, /map \$uri \$health \{\s+default 0;\s+"\/api\/deep" 1;\s+"\/health" 1;/);
    assert.match(text, /192\.0\.2\.0\/24 0;\s+2001:db8::1 0;/);
  });

  it("take no burst where none is wanted, which Nginx doesn't know as 0", () => {
    const site = server(nginx({ limits: { burst: 0 } }), 443, "maicivy.test");
    assert.match(site, /limit_req zone=ip_limit;/);
  });

  it("stay on a route that has one of its own", () => {
    assert.match(nginx(), /zone=route_api__47api_47:10m rate=10r\/s;/);
    assert.match(
      location("/api/"),
      /zone=ip_limit [^}]*limit_req zone=route_api__47api_47 burst=20 nodelay;/,
    );
  });

  it("are absent when they are off, except those of routes", () => {
    const site = server(nginx({ limits: { enabled: false } }), 443, "maicivy.test");
    assert.doesNotMatch(site, /zone=ip_limit|zone=health|limit_conn (addr|streams) /);
    assert.match(site, /limit_conn spool_medium 429;/, "limits of the disk don't depend on a visitor's");
    assert.match(site, /limit_req zone=route_api/);
  });
});

describe("headers of the edge", () => {
  const policy = (name: string, edge: object = {}): string =>
    /Content-Security-Policy "([^"]*)"/.exec(files(edge)[name]!)![1]!;

  it("carry a policy that allows nothing inline and nothing evaluated", () => {
    assert.match(policy("headers.conf"), /^default-src 'none'; script-src 'self'; style-src 'self';/);
    for (const name of ["headers.conf", "headers-error.conf"]) assert.doesNotMatch(policy(name), /unsafe|\*/);
  });

  it("promise HTTPS for as long as the settings say", () => {
    const promised = (edge: object): string =>
      /Strict-Transport-Security "([^"]*)" always;/.exec(files(edge)["headers.conf"]!)![1]!;
    assert.equal(promised({}), "max-age=31536000; includeSubDomains");
    assert.equal(promised({ hsts: "730 d" }), "max-age=63072000; includeSubDomains");
    assert.equal(promised({ hstsPreload: true }), "max-age=31536000; includeSubDomains; preload");
  });

  it("change by directive, and a directive can go", () => {
    const csp = { "connect-src": ["'self'", "https://api.example.com"], "font-src": false };
    assert.match(policy("headers.conf", { csp }), /connect-src 'self' https:\/\/api\.example\.com;/);
    assert.doesNotMatch(policy("headers.conf", { csp }), /font-src/);
  });

  it("change by name whatever its case, once each, and an empty value takes one out", () => {
    const text = files({
      headers: { "x-frame-options": "SAMEORIGIN", "X-XSS-Protection": "", "X-New": "1" },
    })["headers.conf"]!;
    assert.equal(text.match(/add_header x-frame-options/gi)!.length, 1);
    assert.match(text, /add_header X-Frame-Options "SAMEORIGIN" always;/);
    assert.doesNotMatch(text, /add_header X-XSS/);
    assert.match(text, /proxy_hide_header X-XSS-Protection;/);
    assert.match(text, /add_header X-New "1" always;/);
  });

  it("keep no error page, whatever the settings call the header", () => {
    const text = files({ headers: { "cache-control": "public", "X-New": "1" } })["headers-error.conf"]!;
    assert.deepEqual(text.match(/add_header cache-control .*/gi), [
      'add_header cache-control "no-store" always;',
    ]);
    assert.match(text, /add_header X-New "1" always;/);
  });

  it("allow the style of the error pages by its hash", () => {
    const style = /<style>([^]*)<\/style>/.exec(files()["errors/429.html"]!)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    assert.ok(policy("headers-error.conf").includes(`'sha256-${hash}'`));
  });
});

describe("what the image of the edge can", () => {
  const text = (images: "official" | "debian", tag?: string): string =>
    edgeFiles({ ...parsed({ apps: APPS }).config, images, versions: { nginx: tag }, httpsPort: 443 })[
      "nginx.conf"
    ]!;

  it("decides about Brotli", () => {
    assert.match(text("debian"), /brotli on;/);
    assert.doesNotMatch(text("official"), /brotli/);
  });

  it("decides about idle connections at a reload", () => {
    const spares = (...image: Parameters<typeof text>): boolean =>
      /keepalive_min_timeout/.test(text(...image));
    assert.deepEqual([spares("official"), spares("debian")], [true, false]);
    for (const tag of ["1.27.4-alpine", "1.27.10", "1.30", "2"]) assert.ok(spares("official", tag), tag);
    for (const tag of ["1.27.3-alpine", "1.27", "1.26.9", "1", "stable-alpine"])
      assert.ok(!spares("official", tag), tag);
  });
});

describe("the edge's upstreams", () => {
  it("of subdomains go through the switch too, under names that no application can have", () => {
    const edge = { subdomains: { tools: { upstream: "grafana:3001" }, web: { app: "web" } } };
    const { config } = parsed({ apps: APPS, edge });
    const text = nginx(edge);
    assert.match(text, /upstream _tools \{\s+server unix:\/run\/switch\/_tools\.sock/);
    assert.match(server(text, 443, "tools.maicivy.test"), /proxy_pass http:\/\/_tools;/);
    assert.doesNotMatch(text, /resolver|grafana/);
    const files = upstreamFiles(config.edge);
    assert.deepEqual(Object.keys(files), ["_tools"]);
    const cfg = files["_tools"]!;
    assert.match(cfg, /bind unix@\/run\/switch\/_tools\.sock mode 666\n/);
    assert.match(cfg, /server upstream grafana:3001 resolvers docker .*init-addr libc,none\n/);
    assert.equal(label.safeParse("_tools").success, false);
  });
});

describe("who is a visitor", () => {
  const listens = (edge: object): string[] => nginx(edge).match(/listen (80|443|\[::\]:\d+)[^;]*;/g)!;

  it("is the address that connects, unless proxies are declared", () => {
    assert.doesNotMatch(nginx(), /real_ip|proxy_protocol/);
  });

  it("comes from declared proxies only", () => {
    const text = nginx({ trustedProxies: ["cloudflare", "192.0.2.7", "2001:db8::/48"] });
    const trusted = [...text.matchAll(/set_real_ip_from (\S+);/g)].map(([, network]) => network);
    assert.deepEqual(trusted, [...PROXIES.cloudflare!.networks, "192.0.2.7", "2001:db8::/48"]);
    assert.match(text, /real_ip_header X-Forwarded-For;\s+real_ip_recursive on;/);
    assert.match(nginx({ trustedProxies: "cloudflare" }), /set_real_ip_from 173\.245\.48\.0\/20;/);
  });

  it("comes by the PROXY protocol on every socket of 80 and 443, but not on the container's own", () => {
    const edge = { trustedProxies: ["192.0.2.7"], proxyProtocol: true };
    const text = nginx(edge);
    assert.match(text, /real_ip_header proxy_protocol;/);
    assert.ok(listens(edge).length >= 8);
    for (const line of listens(edge)) assert.match(line, / proxy_protocol/);
    assert.match(text, /listen unix:\/run\/health\.sock;/);
    assert.match(text, /listen 127\.0\.0\.1:8405 reuseport;/);
  });

  it("finds each port once with reuseport for each family", () => {
    const first = listens({ http3: true }).filter((line) => line.includes("reuseport"));
    assert.deepEqual(first.map((line) => line.replace(/default_server reuseport;/, "")).sort(), [
      "listen 443 quic ",
      "listen 443 ssl ",
      "listen 80 ",
      "listen [::]:443 quic ",
      "listen [::]:443 ssl ",
      "listen [::]:80 ",
    ]);
  });
});
