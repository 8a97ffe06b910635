import { stringify } from "yaml";
import { GRAFANA } from "../../../config/grafana.ts";
import { DATASOURCE, grafanaDashboard } from "./grafana.ts";
import type { Dashboard, Watched } from "./panel.ts";

/** What Grafana is provisioned with: path → text. */
export function grafanaFiles(
  { name }: Pick<Watched, "name">,
  dashboards: readonly Dashboard[],
  /** Seconds between two scrapes. */
  interval: number,
): Record<string, string> {
  return {
    [GRAFANA.datasource]: stringify(datasources(interval)),
    [GRAFANA.provider]: stringify(providers(name)),
    ...Object.fromEntries(dashboards.map((one) => [`${GRAFANA.dashboards}/${one.uid}.json`, json(one)])),
  };
}

const json = (dashboard: Dashboard): string => `${JSON.stringify(grafanaDashboard(dashboard))}\n`;

/** Proxied, the default, and not editable (M22). */
const datasources = (interval: number): object => ({
  apiVersion: 1,
  datasources: [
    {
      name: "Prometheus",
      type: DATASOURCE.type,
      uid: DATASOURCE.uid,
      access: "proxy",
      url: "http://prometheus:9090",
      isDefault: true,
      editable: false,
      jsonData: { timeInterval: `${interval}s`, httpMethod: "POST" },
    },
  ],
});

/** Rescanned every 10 s; edits and deletion in the browser are allowed, folders are those of the files (M23). */
const providers = (name: string): object => ({
  apiVersion: 1,
  providers: [
    {
      name: `${name}-dashboards`,
      orgId: 1,
      type: "file",
      disableDeletion: false,
      allowUiUpdates: true,
      updateIntervalSeconds: 10,
      options: { path: GRAFANA.dashboards, foldersFromFilesStructure: true },
    },
  ],
});
