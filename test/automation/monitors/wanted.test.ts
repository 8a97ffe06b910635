import assert from "node:assert/strict";
import { wantedMonitors } from "../../../automation/monitors/wanted.ts";
import { parsed } from "../../support/settings.ts";

const SETTINGS = {
  domain: "maicivy.test",
  apps: {
    backend: {
      image: "ghcr.io/me/backend:1",
      port: 8080,
      health: { path: "/health", probe: "/health/deep" },
      routes: [{ path: "/api/" }, { path: "/health" }],
    },
    frontend: { image: "ghcr.io/me/frontend:1", port: 3000, routes: [{ path: "/" }] },
    admin: { image: "ghcr.io/me/admin:1", port: 3000 },
    worker: { image: "ghcr.io/me/worker:1" },
  },
  edge: {
    subdomains: {
      admin: { app: "admin" },
      analytics: { pages: "dashboards", auth: { users: { ann: "ANN_PASSWORD" } } },
      status: { pages: "status" },
      old: { redirect: "https://example.com" },
      empty: {},
    },
  },
  monitoring: { enabled: true },
};

const wanted = (settings: object = {}): string[] =>
  wantedMonitors(parsed({ ...SETTINGS, ...settings }).config).map(
    ({ name, url, status }) => `${name} ${url} ${status ?? "2xx"}`,
  );

describe("monitors outside", () => {
  it("are the front page, the health of each application and every name that answers, each once", () =>
    assert.deepEqual(wanted(), [
      "maicivy.test https://maicivy.test/ 2xx",
      "backend https://maicivy.test/health/deep 2xx",
      "frontend https://maicivy.test/health 2xx",
      "admin https://admin.maicivy.test/health 2xx",
      "analytics.maicivy.test https://analytics.maicivy.test/ 401",
      "status.maicivy.test https://status.maicivy.test/ 2xx",
    ]));

  it("are only those of health during maintenance, which closes everything else", () =>
    assert.deepEqual(wanted({ edge: { ...SETTINGS.edge, maintenance: true } }), [
      "backend https://maicivy.test/health/deep 2xx",
      "frontend https://maicivy.test/health 2xx",
    ]));

  it("expect a login where one is asked for, and ask nothing that only some networks see", () => {
    const page = (route: object): string[] =>
      wanted({
        apps: { site: { image: "ghcr.io/me/site:1", port: 80, routes: [{ path: "/", ...route }] } },
        edge: {},
      });
    assert.deepEqual(page({ auth: { users: { ann: "ANN_PASSWORD" } } }), [
      "maicivy.test https://maicivy.test/ 401",
      "site https://maicivy.test/health 2xx",
    ]);
    assert.deepEqual(page({ allow: ["10.0.0.0/8"] }), ["site https://maicivy.test/health 2xx"]);
  });
});
