import { HAPROXY, JOBS } from "../../config/metrics.ts";
import { scrapedOf } from "../../config/objectives.ts";
import { neededServices, SERVICES } from "../../config/services.ts";
import { duration } from "./duration.ts";
import { probedUrls } from "./probes.ts";
import type { Watched } from "./watched.ts";
import { yaml } from "./yaml.ts";

/** Where Prometheus finds its files. */
export const FOLDER = "/etc/prometheus";
/** Where the server's tools write what applications export figures: containers come and go with releases. */
export const TARGETS = "/targets";

/** A job in prometheus.yml. */
type Job = { job_name: string } & Record<string, unknown>;

/** Names of all jobs that a stack has. */
export function jobNames(watched: Watched): string[] {
  return jobs(watched).map(({ job_name: name }) => name);
}

/** prometheus.yml: who is asked for figures, and which labels go with every alert. */
export function prometheusYml(watched: Watched): string {
  const { name, stack, monitoring } = watched;
  const environment = monitoring.labels.environment ?? stack;
  return yaml({
    global: {
      scrape_interval: duration(monitoring.scrape),
      scrape_timeout: duration(Math.min(10, monitoring.scrape)),
      evaluation_interval: duration(monitoring.evaluation),
      external_labels: { cluster: `${name}-${environment}`, environment, ...monitoring.labels },
    },
    rule_files: [`${FOLDER}/rules/*.yml`],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [address("alertmanager")] }] }],
    },
    scrape_configs: jobs(watched),
  });
}

type Exporter =
  | "prometheus"
  | "alertmanager"
  | "node-exporter"
  | "postgres-exporter"
  | "redis-exporter"
  | "blackbox-exporter"
  | "switch";

function address(service: Exporter): string {
  const { alias, metricsPort } = SERVICES[service];
  return `${alias}:${metricsPort}`;
}

function jobs(watched: Watched): Job[] {
  const { apps, monitoring } = watched;
  const runs = (service: Exporter): boolean => neededServices(watched).includes(service);
  const scraped = Object.values(apps).some((app) => scrapedOf(app).length > 0);
  return [
    fixed(JOBS.prometheus, `localhost:${SERVICES.prometheus.metricsPort}`, "prometheus"),
    fixed(JOBS.alertmanager, address("alertmanager"), "alertmanager"),
    ...(scraped ? [applications(monitoring)] : []),
    ...(runs("postgres-exporter") ? [fixed(JOBS.postgres, address("postgres-exporter"), "postgres")] : []),
    ...(runs("redis-exporter") ? [fixed(JOBS.redis, address("redis-exporter"), "redis")] : []),
    haproxy(),
    ...host(),
    ...(monitoring.probes.enabled
      ? [fixed(JOBS.blackbox, address("blackbox-exporter"), "blackbox"), ...probes(watched)]
      : []),
  ];
}

function fixed(job: string, target: string, service: string): Job {
  return { job_name: job, static_configs: [{ targets: [target], labels: { service } }] };
}

/** Path and interval of each target are among its labels; one that exports too much is refused, and named by an alert. */
function applications({ series }: Watched["monitoring"]): Job {
  return {
    job_name: JOBS.applications,
    sample_limit: series,
    label_limit: 32,
    label_value_length_limit: 512,
    body_size_limit: "16MB",
    file_sd_configs: [{ files: [`${TARGETS}/*.json`], refresh_interval: "30s" }],
  };
}

/** Of all figures that HAProxy has of each of its places, those that are used; places without a release are left out. */
function haproxy(): Job {
  const names = [
    ...Object.values(HAPROXY),
    "haproxy_process_.*",
    "haproxy_server_(status|check_failures_total)",
  ];
  return {
    ...fixed(JOBS.haproxy, address("switch"), "switch"),
    params: { scope: ["global", "backend", "server"], "no-maint": [""] },
    metric_relabel_configs: [
      { source_labels: ["__name__"], regex: names.join("|"), action: "keep" },
      // An application's name has no underscore; what is the switch's own has one.
      { source_labels: ["proxy"], regex: "([a-z][a-z0-9-]*)", target_label: "app" },
    ],
  };
}

/**
 * The server's own figures; those that its tools write into text files are asked for apart, so that each job has what it is
 * named after. Nginx's come this way too: its status page is on the server's loopback, which no container reaches.
 */
function host(): Job[] {
  const target = address("node-exporter");
  // What is said of a service by its name keeps that name.
  const kept = [
    { source_labels: ["exported_service"], regex: "(.+)", target_label: "service" },
    { regex: "exported_service", action: "labeldrop" },
  ];
  const own = (job: string, service: string, regex: string): Job => ({
    ...fixed(job, target, service),
    params: { "collect[]": ["textfile"] },
    metric_relabel_configs: [{ source_labels: ["__name__"], regex, action: "keep" }, ...kept],
  });
  return [
    { ...fixed(JOBS.node, target, "node"), params: { "exclude[]": ["textfile"] } },
    own(JOBS.nginx, "nginx", "nginx_.*"),
    own(JOBS.server, "server", "fairlead_.*|node_textfile_.*"),
  ];
}

/** The address that is asked becomes the target's name, and the exporter's the one that Prometheus connects to. */
function probes(watched: Watched): Job[] {
  const { domain, monitoring } = watched;
  const { resolver } = monitoring.probes;
  const probe = (job: string, module: string, targets: string[]): Job => ({
    job_name: job,
    metrics_path: "/probe",
    // A probe takes as long as the site.
    scrape_interval: duration(Math.max(15, monitoring.scrape)),
    scrape_timeout: duration(12),
    params: { module: [module] },
    static_configs: [{ targets, labels: { service: "site" } }],
    relabel_configs: [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { source_labels: ["__param_target"], target_label: "instance" },
      { target_label: "__address__", replacement: address("blackbox-exporter") },
    ],
  });
  return [
    probe(JOBS.http, "http", probedUrls(watched)),
    probe(JOBS.tls, "tls", [`${domain}:443`]),
    ...(resolver === undefined ? [] : [probe(JOBS.dns, "dns", [resolver])]),
  ];
}
