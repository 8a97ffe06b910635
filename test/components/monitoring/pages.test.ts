import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { edgeFiles } from "../../../components/edge/render/files.ts";
import { pagesInput } from "../../../components/monitoring/pages.ts";
import type { Dashboard } from "../../../components/monitoring/dashboards/index.ts";
import type { StatusPage } from "../../../components/monitoring/dashboards/pages.ts";
import { check } from "../../../config/check/index.ts";
import { parsed } from "../../support/settings.ts";

const ROOT = join(__dirname, "../../..");
const APPS = {
  shop: { image: "ghcr.io/me/shop:1.0.0", port: 8000, routes: [{ path: "/" }] },
  quiet: { image: "ghcr.io/me/quiet:1.0.0" },
};
const SUBDOMAINS = { analytics: { pages: "dashboards" }, status: { pages: "status" } };

function config(subdomains: object, more: object = {}) {
  const settings = {
    domain: "shop.test",
    apps: APPS,
    monitoring: { enabled: true },
    edge: { subdomains },
    ...more,
  };
  return parsed(settings).config;
}

interface Written {
  container: string;
  folder?: string;
  dashboards: Dashboard[];
  status?: StatusPage & { queries: object };
}

function input(subdomains: object, more: object = {}): { written: Written; units: string[] } {
  const server = { root: "/opt/shop", name: "shop" };
  const made = pagesInput(server, { ...config(subdomains, more), stack: "prod" }, "/run/switch/api.sock");
  const [file] = made.files!;
  assert.equal(file!.path, "/etc/fairlead/dashboards.json");
  return { written: JSON.parse(file!.content) as Written, units: (made.units ?? []).map(({ name }) => name) };
}

describe("pages that the server draws", () => {
  it("are told what to draw, and where, by what the edge serves", () => {
    const { written, units } = input(SUBDOMAINS);
    assert.equal(written.container, "shop_prometheus");
    assert.equal(written.folder, "/opt/shop/edge/pages/dashboards");
    assert.equal(written.dashboards[0]!.title, "shop - Production Overview");
    assert.deepEqual(written.dashboards[0]!.tags, ["shop", "prod"]);
    assert.deepEqual(written.status, {
      folder: "/opt/shop/edge/pages/status",
      title: "shop.test status",
      socket: "/run/switch/api.sock",
      services: [{ app: "shop", title: "shop", objective: 0.999 }],
      queries: { up: "app:up:bool", requests: "app:requests:rate5m", errors: "app:errors:rate5m" },
    });
    assert.deepEqual(units, ["fairlead-dashboards.timer"]);
  });

  it("are only shown on request where no name serves them", () => {
    const { written, units } = input({});
    assert.deepEqual([written.folder, written.status, units], [undefined, undefined, []]);
    assert.ok(written.dashboards.length > 5);
  });

  it("call an application what visitors call it, with its own objective", () => {
    const apps = { shop: { title: "Shop", objectives: { availability: "99.5%" } } };
    const { written } = input(SUBDOMAINS, {
      monitoring: { enabled: true, labels: { environment: "production" }, apps },
    });
    assert.deepEqual(written.status!.services, [{ app: "shop", title: "Shop", objective: 0.995 }]);
    assert.deepEqual(written.dashboards[0]!.tags, ["shop", "production"]);
  });
});

describe("the edge in front of them", () => {
  const files = (subdomains: object, edge: object = {}): Record<string, string> =>
    edgeFiles({ ...config(subdomains, { edge: { subdomains, ...edge } }), httpsPort: 443 });
  const server = (text: string, name: string): string =>
    text
      .split(/^ {2}server \{$/m)
      .find((block) => /listen 443/.test(block) && block.includes(`server_name ${name}`))!;

  it("serves them as files, also during maintenance", () => {
    for (const edge of [{}, { maintenance: true }]) {
      const block = server(files(SUBDOMAINS, edge)["nginx.conf"]!, "status.shop.test");
      assert.match(block, /location \/ \{\s+root \/etc\/fairlead\/pages\/status;\s+index index\.html;/);
      assert.doesNotMatch(block, /return 503|proxy_pass/);
    }
  });

  it("lets them have their own style and no script", () => {
    const css = readFileSync(join(ROOT, "assets/host/fairlead/lib/pages/page.css"));
    const hash = createHash("sha256").update(css).digest("base64");
    const headers = files(SUBDOMAINS)["headers-analytics.conf"]!;
    assert.ok(headers.includes(`style-src 'sha256-${hash}';`), headers);
    assert.match(headers, /script-src 'none';/);
    const own = files({
      analytics: { pages: "dashboards", csp: { "frame-ancestors": ["https://wall.test"] } },
    });
    assert.match(own["headers-analytics.conf"]!, /frame-ancestors https:\/\/wall\.test/);
    assert.match(own["headers-analytics.conf"]!, /style-src 'sha256-/);
  });

  it("asks for a password where they aren't for everybody", () => {
    const auth = { users: { ann: "ANN_PASSWORD" } };
    const block = server(
      files({ analytics: { pages: "dashboards", auth } })["nginx.conf"]!,
      "analytics.shop.test",
    );
    assert.match(block, /auth_basic_user_file \/etc\/fairlead\/users\/analytics;/);
  });

  it("refuses pages without figures", () => {
    const found = check("prod", config(SUBDOMAINS, { monitoring: {} }), {});
    assert.deepEqual(
      found.filter(({ path }) => path.endsWith(".pages")).map(({ path, message }) => [path, message]),
      [
        [
          "edge.subdomains.analytics.pages",
          "the server draws dashboards from the figures of monitoring, which is off",
        ],
        [
          "edge.subdomains.status.pages",
          "the server draws status from the figures of monitoring, which is off",
        ],
      ],
    );
  });
});
