import assert from "node:assert/strict";
import { probesFrom, statusesOf } from "../../config/probe-path.ts";
import { parsed } from "../support/settings.ts";

const image = `ghcr.io/me/shop@sha256:${"1".repeat(64)}`;
const shop = { image, port: 80 };
const config = (settings: Record<string, unknown>, app: Record<string, unknown> = {}) =>
  parsed({ apps: { shop: { ...shop, ...app } }, ...settings }).config;
const probes = (...args: Parameters<typeof config>): Record<string, string> =>
  probesFrom(config(...args), "https://maicivy.test:8443");

describe("where an application is asked through the edge", () => {
  const named = { edge: { subdomains: { shop: { app: "shop" } } } };

  it("is a path of the domain where a route leads there", () => {
    assert.deepEqual(probes({}, { routes: [{ path: "/" }], health: { path: "/up" } }), { shop: "/up" });
  });

  it("is the subdomain or site that leads to it where no route does, by its own name and the edge's port", () => {
    assert.deepEqual(probes(named, { health: { path: "/up" } }), {
      shop: "https://shop.maicivy.test:8443/up",
    });
    const probe = { health: { path: "/up", probe: "/deep" } };
    const sites = { "other.test": { routes: [{ path: "/app/", app: "shop", strip: true }] } };
    assert.deepEqual(probes({ sites }, probe), { shop: "https://other.test:8443/app/deep" });
  });

  it("is nowhere behind a password, for named addresses alone, for gRPC, and during maintenance", () => {
    const auth = { users: { ann: "ANN" } };
    const places: Record<string, unknown>[] = [
      { app: "shop", auth },
      { routes: [{ app: "shop", auth }] },
      { routes: [{ app: "shop", allow: ["192.0.2.0/24"] }] },
      { routes: [{ app: "shop", path: "/a.B/", grpc: true }] },
    ];
    for (const place of places)
      assert.deepEqual(probes({ edge: { subdomains: { shop: place } } }), {}, JSON.stringify(place));
    assert.deepEqual(probes({ edge: { ...named.edge, maintenance: true } }), {});
  });
});

describe("statuses that mean health", () => {
  it("are those that an application declares, and any 2xx of a path for the edge alone", () => {
    const routes = [{ path: "/" }];
    assert.equal(statusesOf(config({}, { routes })), undefined);
    assert.deepEqual(statusesOf(config({}, { routes, health: { status: "401" } })), { shop: "401" });
    const health = { status: "204", probe: "/deep" };
    assert.deepEqual(statusesOf(config({}, { routes, health })), { shop: "204,200-299" });
  });

  it("of a subdomain are what the switch takes for health: its first page may lead to a login", () => {
    const found = statusesOf(config({ edge: { subdomains: { shop: { app: "shop" } } } }));
    assert.deepEqual(found, { shop: "200-399,429" });
  });
});
