/** Where Grafana finds what it is provisioned with (M22, M23). */
export const GRAFANA = {
  datasource: "/etc/grafana/provisioning/datasources/prometheus.yaml",
  provider: "/etc/grafana/provisioning/dashboards/dashboards.yaml",
  /** Folder of the dashboards. */
  dashboards: "/var/lib/grafana/dashboards",
} as const;
