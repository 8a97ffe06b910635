import assert from "node:assert/strict";
import { HOST_FIGURES } from "../../config/services.ts";
import { ids } from "../../audit/src/index.ts";
import { declaredBy, exceptionsOf } from "../../automation/lib/audit-target.ts";
import { parse } from "../../config/parse.ts";
import { parsed } from "../support/settings.ts";

describe("npm run audit: what a stack declares", () => {
  it("is read from its settings and outputs", () => {
    const { config } = parse("fairlead", "staging", {
      "fairlead:domain": "example.com",
      "fairlead:cache": '{"enabled": false}',
      "fairlead:edge": '{"subdomains": {"analytics": {}, "stats": {"app": "stats"}}}',
      "fairlead:apps": JSON.stringify({
        api: { image: "api:1", port: 8080, replicas: 2, routes: [{ path: "/api/" }] },
        stats: { image: "stats:1", port: 8081, cache: { dedicated: true } },
        worker: { image: "worker:1", port: 8082, needs: ["api"] },
      }),
    });
    const release = (name: string) => [{ release: `${name}-0123456789`, image: "x", weight: 100 }];
    const releases = { api: release("api"), stats: release("stats"), worker: release("worker") };
    const declared = declaredBy(config, { url: "https://example.com:8443/", releases });
    const { name } = config;
    assert.deepEqual(declared.containers, {
      [`${name}_nginx`]: 1,
      [`${name}_switch`]: 1,
      [`${name}_postgres`]: 1,
      [`${name}_api-gateway`]: 1,
      [`${name}_cache-stats`]: 1,
      "api-0123456789": 2,
      "stats-0123456789": 1,
      "worker-0123456789": 1,
    });
    assert.deepEqual(declared.upstreams, ["api", "stats"]);
    assert.deepEqual(declared.subdomains, ["analytics.example.com", "stats.example.com"]);
    assert.equal(declared.renewal, "fairlead-renew.timer");
    const acme = { ...config, certificates: { ...config.certificates, email: "ops@example.com" } };
    assert.equal(declaredBy(acme, { url: "https://example.com/", releases }).renewal, "certbot.timer");
  });

  it("has the limit of requests as it is in the stack file", () => {
    const of = (limits: object): unknown => {
      const { config } = parsed({ edge: { limits } });
      return declaredBy(config, { url: "https://maicivy.test/", releases: {} }).limit;
    };
    assert.deepEqual(of({ rate: "90/min", burst: 20 }), { perSecond: 1.5, burst: 20 });
    assert.deepEqual(of({ rate: "600/min", burst: 500 }), { perSecond: 10, burst: 500 });
    assert.deepEqual(of({ rate: "10/s", burst: 5 }), { perSecond: 10, burst: 5 });
    assert.equal(of({ enabled: false }), undefined);
  });

  it("has the largest body of the page's route, or of the edge", () => {
    const of = (maxBody: object): number => {
      const routes = [
        { path: "/api/", maxBody: "1 GB" },
        { path: "/", ...maxBody },
      ];
      const apps = { api: { image: "api:1", port: 8080, routes } };
      const { config } = parsed({ apps, edge: { maxBody: "20 MB" } });
      return declaredBy(config, { url: "https://maicivy.test/", releases: {} }).maxBody;
    };
    assert.equal(of({}), 20 * 1024 ** 2);
    assert.equal(of({ maxBody: "2 MB" }), 2 * 1024 ** 2);
  });

  it("excuses the edge's ports and network, the server's own figures, restarts, and logs that are not JSON, and nothing else", () => {
    const exceptions = exceptionsOf("shop").map(({ check, container = "*", allowed }) => [
      check,
      container,
      allowed,
    ]);
    assert.deepEqual(exceptions, [
      ["containers.json-logs", "shop_postgres", undefined],
      ["containers.json-logs", "shop_redis", undefined],
      ["containers.json-logs", "shop_switch", undefined],
      ["docker.5.8", "shop_nginx", ["80/tcp", "443/tcp"]],
      ["docker.5.9", "shop_nginx", ["80/tcp", "443/tcp"]],
      ["docker.5.10", "shop_nginx", ["host"]],
      ["docker.5.14", "shop_nginx", ["80/tcp", "443/tcp"]],
      ["docker.5.6", "shop_node-exporter", Object.keys(HOST_FIGURES)],
      ["docker.5.15", "*", ["unless-stopped"]],
    ]);
    const known = ids();
    for (const { check, why } of exceptionsOf("shop")) assert.ok(known.includes(check) && why !== "", check);
  });
});
