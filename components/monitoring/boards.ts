import { createRequire } from "node:module";
import { hasTraffic } from "../../config/ports.ts";
import type { ReleaseFile } from "../app/files.ts";
import { dashboards, type Dashboard } from "./dashboards/index.ts";
import type { Watched } from "./watched.ts";

/** Applications that dashboards and the status page are about, sorted. */
export function appsWithTraffic({ apps }: Pick<Watched, "apps">): string[] {
  return Object.keys(apps)
    .filter((app) => hasTraffic(apps[app]!))
    .sort();
}

/** The dashboards of a stack. */
export function boardsOf(watched: Watched): Dashboard[] {
  const { name, stack, monitoring, database, cache } = watched;
  return dashboards({
    name,
    environment: monitoring.labels.environment ?? stack,
    apps: appsWithTraffic(watched),
    database: database.enabled,
    cache: cache.enabled,
  });
}

/** What the containers of an application find that is this stack's Grafana; nothing for any other. */
export function filesOfGrafana(watched: Watched, app: string): ReleaseFile[] {
  const { enabled, grafana, scrape } = watched.monitoring;
  if (!enabled || grafana !== app) return [];
  const { grafanaFiles } = provisioning();
  const files = grafanaFiles(watched, boardsOf(watched), scrape);
  return Object.entries(files).map(([path, content]) => ({ path, mode: "0444", content }));
}

const load = createRequire(__filename);

/** Grafana's SDK has two hundred files: only a stack with Grafana reads them. */
const provisioning = (): typeof import("./dashboards/provisioning.ts") =>
  load("./dashboards/provisioning.ts") as typeof import("./dashboards/provisioning.ts");
