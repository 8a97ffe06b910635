import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import * as metrics from "../../config/metrics.ts";
import { dashboards, type Dashboard, type Panel } from "../../components/monitoring/dashboards/index.ts";
import { DATASOURCE, grafanaDashboard } from "../../components/monitoring/dashboards/grafana.ts";
import { grafanaFiles } from "../../components/monitoring/dashboards/provisioning.ts";
import { isInstalled } from "../support/prometheus/server.ts";

const WATCHED = {
  name: "maicivy",
  environment: "production",
  apps: ["backend", "frontend"],
  database: true,
  cache: true,
};
const ALL = dashboards(WATCHED);

const panelsOf = ({ sections }: Dashboard): Panel[] => sections.flatMap(({ panels }) => [...panels]);
const find = (part: string, all = ALL): Dashboard => {
  const found = all.find(({ uid }) => uid === `maicivy-${part}` || uid.endsWith(`-${part}`));
  assert.ok(found, part);
  return found;
};
const exprs = [
  ...new Set(
    ALL.flatMap((one) => [
      ...panelsOf(one).flatMap(({ queries }) => queries.map(({ expr }) => expr)),
      ...(one.annotations ? [one.annotations.expr] : []),
    ]),
  ),
];

/** Panels that the requirements name: id → dashboard, panels. */
const REQUIRED: readonly [string, string, readonly string[]][] = [
  [
    "M25",
    "overview",
    ["visitors", "request-rate", "response-time", "errors", "db-connections", "redis-memory"],
  ],
  ["M26", "overview", ["visitors", "request-rate", "response-time", "errors", "cpu", "memory", "disk"]],
  ["M27", "host", ["load", "swap", "disk-io", "network", "inodes", "container-memory", "container-cpu"]],
  ["M28", "monitoring", ["request-rate-by-status", "response-time", "db-tuples-fetched"]],
  ["M29", "monitoring", ["request-rate", "latency", "errors", "db-connections"]],
  ["M33", "slo", ["objectives", "latency-objectives", "budget-left", "burn-rate"]],
  ["M41", "host", ["folders"]],
];

describe("the dashboards", () => {
  it("are the ones that issue and requirements name, each with an identity of its own", () => {
    assert.deepEqual(
      ALL.map(({ uid }) => uid.replace("maicivy-", "")),
      [
        "overview",
        "monitoring",
        "app-backend",
        "app-frontend",
        "database",
        "cache",
        "edge",
        "host",
        "slo",
        "backups",
        "canary",
      ],
    );
    for (const one of ALL) {
      const ids = panelsOf(one).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, one.uid);
    }
  });

  it("keep within Grafana's bounds with long names, and apart", () => {
    const long = "a-very-long-name-of-an-application-in";
    const uids = dashboards({ ...WATCHED, apps: [`${long}-x`, `${long}-y`] }).map(({ uid }) => uid);
    assert.ok(uids.every((uid) => /^[a-z0-9-]{1,40}$/.test(uid)));
    assert.equal(new Set(uids).size, uids.length);
  });

  it("leave out what the stack has not", () => {
    const few = dashboards({ ...WATCHED, apps: ["shop"], database: false, cache: false });
    assert.ok(!few.some(({ uid }) => /-(database|cache)$/.test(uid)));
    const overview = panelsOf(find("overview", few)).map(({ id }) => id);
    assert.ok(!overview.includes("db-connections") && !overview.includes("redis-memory"));
    assert.ok(!panelsOf(find("monitoring", few)).some(({ id }) => id === "db-tuples-fetched"));
  });

  for (const [requirement, part, ids] of REQUIRED)
    it(`have the panels of ${requirement}`, () => {
      const found = panelsOf(find(part)).map(({ id }) => id);
      assert.deepEqual(
        ids.filter((id) => !found.includes(id)),
        [],
      );
    });

  it("show visitors, times and memory as required (M24, M25)", () => {
    const overview = find("overview");
    assert.equal(overview.title, "maicivy - Production Overview");
    assert.deepEqual(overview.tags, ["maicivy", "production"]);
    assert.deepEqual([overview.refresh, overview.range], [5, 3600]);
    const panel = (id: string): Panel => panelsOf(overview).find((one) => one.id === id)!;
    const visitors = panel("visitors");
    assert.equal(visitors.kind, "stat");
    assert.deepEqual(
      visitors.thresholds.map(({ from, colour }) => [from, colour]),
      [
        [0, "green"],
        [10, "yellow"],
        [50, "red"],
      ],
    );
    assert.deepEqual([panel("response-time").unit, panel("redis-memory").unit], ["seconds", "bytes"]);
  });

  it("carry the name of the system, as ECOSYSTE Monitoring does (M28)", () => {
    assert.equal(
      find("monitoring", dashboards({ ...WATCHED, name: "ecosyste" })).title,
      "ECOSYSTE Monitoring",
    );
  });

  it("say of each panel what it means, once, with at least one query", () => {
    for (const one of ALL)
      for (const { id, title, description, queries, width, thresholds } of panelsOf(one)) {
        assert.ok(title && description.length > 5 && queries.length > 0, `${one.uid} ${id}`);
        assert.ok(width > 0 && width <= 24, id);
        const steps = thresholds.map(({ from }) => from);
        assert.deepEqual(
          steps,
          steps.toSorted((a, b) => a - b),
          id,
        );
        assert.equal(new Set(queries.map(({ legend }) => legend)).size, queries.length, id);
      }
  });

  it("ask for figures that something exports or records", () => {
    const { WINDOWS, errorRatio, slowRatio, APP_METRICS, HAPROXY, NGINX, POSTGRES, REDIS, NODE } = metrics;
    const { byRelease, ...byApp } = metrics.RECORDED;
    const known = new Set<string>([
      ...[APP_METRICS, HAPROXY, NGINX, POSTGRES, REDIS, NODE, metrics.PROBE, metrics.SERVER, metrics.TASK]
        .map((names) => Object.values(names as Record<string, string>))
        .flat(),
      ...Object.values(byApp),
      ...Object.values(byRelease),
      ...WINDOWS.flatMap((window) => [errorRatio(window), slowRatio(window)]),
      "ALERTS",
    ]);
    const names = exprs.flatMap((expr) => {
      const bare = expr.replace(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(?:by|on|ignoring) \([^)]*\)/g, " ");
      return bare.match(/[a-zA-Z_:][\w:]*/g) ?? [];
    });
    const words =
      /^(sum|min|max|avg|count|rate|increase|time|vector|bool|and|or|unless|group_left|by|on|[e\d]+)$/;
    const unknown = names.filter((name) => !words.test(name) && !known.has(name));
    assert.deepEqual([...new Set(unknown)], []);
    assert.ok(names.filter((name) => known.has(name)).length > 80);
  });

  (isInstalled ? it : it.skip)("ask in the language that Prometheus reads", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-dashboards-"));
    const rules = exprs.map((expr, index) => ({ record: `panel:${index}`, expr }));
    writeFileSync(
      join(folder, "rules.json"),
      JSON.stringify({ groups: [{ name: "panels", rules }] }, null, 1),
    );
    const { status, stdout, stderr } = spawnSync(
      "promtool",
      ["check", "rules", "--lint=none", join(folder, "rules.json")],
      {
        encoding: "utf8",
      },
    );
    rmSync(folder, { recursive: true });
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`${exprs.length} rules found`));
  });
});

const source = z.object({ type: z.literal("prometheus"), uid: z.literal(DATASOURCE.uid) });
const grid = z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) });

/** What Grafana needs of a dashboard and of its panels (its dashboard JSON model). */
const model = z.object({
  uid: z.string().min(1),
  title: z.string().min(1),
  schemaVersion: z.int().min(36),
  editable: z.literal(false),
  timezone: z.literal("browser"),
  refresh: z.string().regex(/^\d+[smhd]$/),
  time: z.object({ from: z.string().regex(/^now-\d+[smhd]$/), to: z.literal("now") }),
  tags: z.array(z.string()),
  annotations: z.object({
    list: z.array(z.object({ datasource: source, expr: z.string(), useValueForTime: z.literal(true) })),
  }),
  panels: z.array(
    z.union([
      z.object({ id: z.int(), type: z.literal("row"), gridPos: grid, panels: z.array(z.never()) }),
      z.object({
        id: z.int(),
        type: z.enum(["timeseries", "stat", "table"]),
        title: z.string().min(1),
        datasource: source,
        gridPos: grid,
        fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
        targets: z
          .array(
            z.object({
              refId: z.string().length(1),
              expr: z.string().min(1),
              legendFormat: z.string(),
              datasource: source,
            }),
          )
          .min(1),
      }),
    ]),
  ),
});

describe("Grafana's dashboards", () => {
  const written = ALL.map((one) => model.parse(JSON.parse(JSON.stringify(grafanaDashboard(one)))));

  it("have what Grafana's model wants, and every panel of the definition", () => {
    written.forEach((one, index) => {
      const panels = panelsOf(ALL[index]!).map(({ title, queries }) => [
        title,
        queries.map(({ expr }) => expr),
      ]);
      const found = one.panels.flatMap((panel) =>
        "targets" in panel ? [[panel.title, panel.targets.map(({ expr }) => expr)]] : [],
      );
      assert.deepEqual(found, panels, one.uid);
    });
  });

  it("number panels once, and lay none over another", () => {
    for (const { uid, panels } of written) {
      const ids = panels.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, uid);
      const taken = new Set<string>();
      for (const { gridPos: at } of panels) {
        assert.ok(at.x + at.w <= 24, uid);
        for (let x = at.x; x < at.x + at.w; x++)
          for (let y = at.y; y < at.y + at.h; y++) {
            assert.ok(!taken.has(`${x} ${y}`), `${uid}: two panels at ${x} ${y}`);
            taken.add(`${x} ${y}`);
          }
      }
    }
  });

  it("mark deploys by their moment in milliseconds", () => {
    const app = written.find(({ uid }) => uid === "maicivy-app-backend")!;
    assert.deepEqual(
      app.annotations.list.map(({ expr }) => expr),
      ['min by (release) (fairlead_release_created_timestamp_seconds{app="backend"}) * 1000'],
    );
  });

  it("refresh every 5 s over the last hour where required (M24)", () => {
    const overview = written.find(({ uid }) => uid === "maicivy-overview")!;
    assert.deepEqual([overview.refresh, overview.time.from, overview.timezone], ["5s", "now-1h", "browser"]);
  });

  it("are provisioned with the datasource that is required (M22, M23)", () => {
    const files = grafanaFiles(WATCHED, ALL, 15);
    const text = (end: string): string => files[Object.keys(files).find((path) => path.endsWith(end))!]!;
    const [datasource] = parse(text("prometheus.yaml")).datasources;
    const { url, access, isDefault, editable, jsonData, uid } = datasource;
    assert.deepEqual(
      { url, access, isDefault, editable, uid, interval: jsonData.timeInterval },
      {
        url: "http://prometheus:9090",
        access: "proxy",
        isDefault: true,
        editable: false,
        uid: DATASOURCE.uid,
        interval: "15s",
      },
    );
    assert.deepEqual(parse(text("dashboards.yaml")).providers, [
      {
        name: "maicivy-dashboards",
        orgId: 1,
        type: "file",
        disableDeletion: false,
        allowUiUpdates: true,
        updateIntervalSeconds: 10,
        options: { path: "/var/lib/grafana/dashboards", foldersFromFilesStructure: true },
      },
    ]);
    assert.equal(Object.keys(files).filter((path) => path.endsWith(".json")).length, ALL.length);
    assert.equal(JSON.parse(text("maicivy-slo.json")).uid, "maicivy-slo");
  });
});
