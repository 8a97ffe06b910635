import { stringify } from "yaml";
import { DATASOURCE, grafanaDashboard } from "./grafana.ts";
import type { Dashboard, Watched } from "./panel.ts";

/** Where Grafana looks for dashboards (M23). */
const DASHBOARDS = "/var/lib/grafana/dashboards";

/** Grafana's files below `/etc/grafana/provisioning`, and its dashboards below {@link DASHBOARDS}: path → text. */
export function grafanaFiles(
  { name }: Pick<Watched, "name">,
  dashboards: readonly Dashboard[],
  /** Seconds between two scrapes. */
  interval: number,
): Record<string, string> {
  return {
    "/etc/grafana/provisioning/datasources/prometheus.yaml": stringify(datasources(interval)),
    "/etc/grafana/provisioning/dashboards/dashboards.yaml": stringify(providers(name)),
    ...Object.fromEntries(dashboards.map((one) => [`${DASHBOARDS}/${one.uid}.json`, json(one)])),
  };
}

const json = (dashboard: Dashboard): string => `${JSON.stringify(grafanaDashboard(dashboard), null, 2)}\n`;

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
      options: { path: DASHBOARDS, foldersFromFilesStructure: true },
    },
  ],
});
