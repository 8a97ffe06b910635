import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { edgeFiles } from "../../../components/edge/render/files.ts";
import { pagesInput } from "../../../components/monitoring/pages.ts";
import type { Dashboard } from "../../../components/monitoring/dashboards/index.ts";
import type { StatusPage } from "../../../components/monitoring/dashboards/pages.ts";
import { check } from "../../../config/check/index.ts";
import { infrastructureImage } from "../../../config/images.ts";
import { load } from "../../../config/load.ts";
import { SERVICE_NAMES, SERVICES } from "../../../config/services.ts";
import { declareStack } from "../../../stack.ts";
import { digest, parsed, raw } from "../../support/settings.ts";

const ROOT = join(__dirname, "../../..");
const APPS = {
  shop: { image: "ghcr.io/me/shop:1.0.0", port: 8000, routes: [{ path: "/" }] },
  quiet: { image: "ghcr.io/me/quiet:1.0.0" },
};
const SUBDOMAINS = { analytics: { pages: "dashboards" }, status: { pages: "status" } };

function config(subdomains: object, more: object = {}) {
  const settings = {
    name: "shop",
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

describe("a stack without Grafana", () => {
  it("doesn't read its SDK", () => {
    const program =
      "require('./stack.ts'); console.log(Object.keys(require.cache).filter((path) => /grafana-foundation/.test(path)).length)";
    const argv = ["--require", "./automation/typescript.cjs", "--eval", program];
    assert.equal(execFileSync(process.execPath, argv, { cwd: ROOT, encoding: "utf8" }).trim(), "0");
  });
});

describe("Grafana as an application of the stack", () => {
  const registered: pulumi.runtime.MockResourceArgs[] = [];
  const found = (type: RegExp, name: RegExp): Record<string, any> => {
    const one = registered.find((args) => type.test(args.type) && name.test(args.name));
    assert.ok(one, `${type} ${name} is registered`);
    return one.inputs as Record<string, any>;
  };
  const image = (name: string): string => `ghcr.io/me/${name}@${digest("a")}`;

  before(async () => {
    const settings = {
      domain: "shop.test",
      name: "shop",
      server: { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" },
      apps: {
        shop: { ...APPS.shop, image: image("shop") },
        grafana: { image: image("grafana"), port: 3001, exclusive: true },
      },
      monitoring: { enabled: true, scrape: "20 s", grafana: "grafana" },
      digests: Object.fromEntries(
        SERVICE_NAMES.map((name) => [infrastructureImage("official", SERVICES[name].image), digest("1")]),
      ),
    };
    await pulumi.runtime.setMocks(
      {
        newResource: (args) => {
          registered.push(args);
          const name: unknown = args.inputs.name ?? args.name;
          return {
            id: `${args.name}-id`,
            state: { ...args.inputs, name, stdout: "{}", result: "made" },
          };
        },
        call: ({ inputs: args }) => args,
      },
      "fairlead",
      "test",
      false,
    );
    pulumi.runtime.setAllConfig({
      ...raw(settings),
      "fairlead:POSTGRES_PASSWORD": "pg",
      "fairlead:REDIS_PASSWORD": "rd",
    });
    declareStack(load(), async () => undefined);
    await pulumi.runtime.disconnect();
  });

  it("finds data source, provider and every dashboard in its containers, and no other application does", () => {
    const mounts = (name: RegExp): string[] =>
      ((found(/Container$/, name).mounts ?? []) as { target: string }[]).map(({ target }) => target);
    const targets = mounts(/^grafana-[0-9a-f]{10}/);
    assert.ok(targets.includes("/etc/grafana/provisioning/datasources/prometheus.yaml"), targets.join());
    assert.ok(targets.includes("/etc/grafana/provisioning/dashboards/dashboards.yaml"));
    for (const part of ["overview", "app-shop", "app-grafana", "database", "slo"])
      assert.ok(targets.includes(`/var/lib/grafana/dashboards/shop-${part}.json`), part);
    assert.deepEqual(
      mounts(/^shop-[0-9a-f]{10}/).filter((target) => target.includes("grafana")),
      [],
    );
  });

  it("gets them with the release, so that another dashboard is another release", () => {
    const stdin: unknown = found(/Command$/, /^grafana-[0-9a-f]{10}-files$/).stdin;
    const text = typeof stdin === "string" ? stdin : (stdin as { value: string }).value;
    const { files } = JSON.parse(text) as { files: { content: string }[] };
    assert.ok(files.some(({ content }) => content.includes("timeInterval: 20s")));
    assert.ok(files.some(({ content }) => content.includes('"title":"shop - Production Overview"')));
    assert.ok(text.length < 500_000, `${text.length} bytes`);
  });
});
