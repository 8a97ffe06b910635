/**
 * The names under which monitoring keeps its figures: what the rules, the dashboards and the overview of a stack have in common.
 * What an exporter calls its own figures is here too, as far as one of them uses it.
 */

/** Labels. */
export const LABELS = {
  /** Of an application: on its own metrics, its containers, jobs, HAProxy's figures of its backend and all recorded rules. */
  app: "app",
  /** Of a process of an application: `web`, `main`, or the name that it has. */
  process: "process",
  /** Of a release: `shop-1a2b3c4d5e`. */
  release: "release",
  /** A container by its name, of an application or of the infrastructure. */
  container: "container",
  /** Of the infrastructure: `postgres`, `redis`, `nginx`, `switch`; the name of its container without the system's. */
  service: "service",
  job: "job",
  /** Of a job that an application declares, as `job` is Prometheus's own (its text files say `job`). */
  task: "exported_job",
} as const;

/** Names of the jobs in prometheus.yml (`job`). */
export const JOBS = {
  prometheus: "prometheus",
  alertmanager: "alertmanager",
  applications: "applications",
  postgres: "postgres",
  redis: "redis",
  node: "node",
  nginx: "nginx",
  haproxy: "haproxy",
  /** What the server's own tools write: containers, jobs, timers, certificate, folders. */
  server: "server",
  http: "blackbox-http",
  tls: "blackbox-tls",
  dns: "blackbox-dns",
  blackbox: "blackbox",
} as const;

/** What applications export (M30, M31). */
export const APP_METRICS = {
  /** Counter: method, route, status. */
  requests: "http_requests_total",
  /** Histogram: method, route. */
  duration: "http_request_duration_seconds",
  visitors: "analytics_realtime_visitors",
  connections: "active_connections",
} as const;

/** HAProxy's figures of applications; `app` is set on those of an application's backend, and `proxy` stays as HAProxy has it. */
export const HAPROXY = {
  /** Counter: app, code (`1xx` … `5xx`, `other`); answers of HAProxy itself are among them. */
  backendResponses: "haproxy_backend_http_responses_total",
  /** Counter: app, server (`s1` … `s8`), code. {@link SERVER.slot} says which release a server is. */
  serverResponses: "haproxy_server_http_responses_total",
  /** Counter: app. */
  backendRequests: "haproxy_backend_http_requests_total",
  /** Gauge: app; mean of the last 1024 requests, in seconds. HAProxy has no histogram. */
  responseTime: "haproxy_backend_response_time_average_seconds",
  /** Gauge: app. */
  activeServers: "haproxy_backend_active_servers",
  /** Gauge: app. */
  sessions: "haproxy_backend_current_sessions",
  /** Gauge: app. */
  queue: "haproxy_backend_current_queue",
  /** Counters: app. */
  bytesIn: "haproxy_backend_bytes_in_total",
  bytesOut: "haproxy_backend_bytes_out_total",
  connectionErrors: "haproxy_backend_connection_errors_total",
  retries: "haproxy_backend_retry_warnings_total",
} as const;

/** Nginx's figures, with the names of its own exporter; the server's tools read them from its status page. */
export const NGINX = {
  up: "nginx_up",
  requests: "nginx_http_requests_total",
  active: "nginx_connections_active",
  reading: "nginx_connections_reading",
  writing: "nginx_connections_writing",
  waiting: "nginx_connections_waiting",
  accepted: "nginx_connections_accepted",
  handled: "nginx_connections_handled",
} as const;

/** postgres_exporter's. */
export const POSTGRES = {
  up: "pg_up",
  /** Gauge: datname. Sessions of each database. */
  backends: "pg_stat_database_numbackends",
  /** Gauge: datname, state. */
  activity: "pg_stat_activity_count",
  maxConnections: "pg_settings_max_connections",
  /** Counters: datname. */
  fetched: "pg_stat_database_tup_fetched",
  returned: "pg_stat_database_tup_returned",
  inserted: "pg_stat_database_tup_inserted",
  updated: "pg_stat_database_tup_updated",
  deleted: "pg_stat_database_tup_deleted",
  commits: "pg_stat_database_xact_commit",
  rollbacks: "pg_stat_database_xact_rollback",
  blocksHit: "pg_stat_database_blks_hit",
  blocksRead: "pg_stat_database_blks_read",
  deadlocks: "pg_stat_database_deadlocks",
  /** Gauge: datname, in bytes. */
  size: "pg_database_size_bytes",
  /** Gauge: datname, mode. */
  locks: "pg_locks_count",
} as const;

/** redis_exporter's. */
export const REDIS = {
  up: "redis_up",
  memory: "redis_memory_used_bytes",
  maxMemory: "redis_memory_max_bytes",
  clients: "redis_connected_clients",
  commands: "redis_commands_processed_total",
  hits: "redis_keyspace_hits_total",
  misses: "redis_keyspace_misses_total",
  evicted: "redis_evicted_keys_total",
  /** Gauge: db. */
  keys: "redis_db_keys",
} as const;

/** node_exporter's. */
export const NODE = {
  /** Counter: cpu, mode. */
  cpu: "node_cpu_seconds_total",
  load1: "node_load1",
  memoryTotal: "node_memory_MemTotal_bytes",
  memoryAvailable: "node_memory_MemAvailable_bytes",
  swapTotal: "node_memory_SwapTotal_bytes",
  swapFree: "node_memory_SwapFree_bytes",
  /** Gauges: mountpoint, device, fstype. */
  diskSize: "node_filesystem_size_bytes",
  diskFree: "node_filesystem_avail_bytes",
  inodes: "node_filesystem_files",
  inodesFree: "node_filesystem_files_free",
  /** Counters: device. */
  diskRead: "node_disk_read_bytes_total",
  diskWritten: "node_disk_written_bytes_total",
  diskBusy: "node_disk_io_time_seconds_total",
  received: "node_network_receive_bytes_total",
  sent: "node_network_transmit_bytes_total",
  boot: "node_boot_time_seconds",
} as const;

/** blackbox_exporter's; `instance` is the address that was asked. */
export const PROBE = {
  success: "probe_success",
  duration: "probe_duration_seconds",
  status: "probe_http_status_code",
  expiry: "probe_ssl_earliest_cert_expiry",
} as const;

/** What the server's tools write every 15 seconds. A container of an application has app, process and release, others have service. */
export const SERVER = {
  /** Gauge: when they wrote it. */
  written: "fairlead_server_written_timestamp_seconds",
  /** Gauges, labels container, and app, process, release or service. */
  running: "fairlead_container_running",
  /** 1 healthy, 0 unhealthy; absent without a check, and while it starts. */
  healthy: "fairlead_container_healthy",
  memory: "fairlead_container_memory_bytes",
  memoryLimit: "fairlead_container_memory_limit_bytes",
  started: "fairlead_container_start_timestamp_seconds",
  /** Counters, same labels. */
  cpu: "fairlead_container_cpu_seconds_total",
  restarts: "fairlead_container_restarts_total",
  oomKills: "fairlead_container_oom_kills_total",
  /** Gauge: app, release; containers that no declared release has. */
  leftOver: "fairlead_container_left_over",
  /** Gauge: proxy, server, release, always 1: which release is behind HAProxy's server. */
  slot: "fairlead_switch_slot",
  /** Gauge: app, release; its share of the traffic, 0 to 1. */
  weight: "fairlead_release_weight",
  /** Gauge: app, release; when its first container was made. */
  released: "fairlead_release_created_timestamp_seconds",
  /** Gauges: unit; timers and services of systemd that the stack declares. */
  unitFailed: "fairlead_unit_failed",
  unitLast: "fairlead_unit_last_success_timestamp_seconds",
  unitNext: "fairlead_unit_next_run_timestamp_seconds",
  /** Gauges: the certificate that the edge shows. */
  certificateStart: "fairlead_certificate_not_before_timestamp_seconds",
  certificateEnd: "fairlead_certificate_not_after_timestamp_seconds",
  rebootWaiting: "fairlead_reboot_waiting",
  updatesWaiting: "fairlead_updates_waiting",
  /** Gauge: 1 while somebody tries whether alerts arrive. */
  test: "fairlead_test_alert",
  /** Gauge: folder (`logs`, `backups`, `prometheus`, `docker`), in bytes (M41). */
  folder: "fairlead_folder_bytes",
} as const;

/** What the server's tools write of an application's jobs: app, and the job as {@link LABELS.task}. */
export const TASK = {
  running: "fairlead_job_running",
  failed: "fairlead_job_failed",
  started: "fairlead_job_last_start_timestamp_seconds",
  ended: "fairlead_job_last_end_timestamp_seconds",
  succeeded: "fairlead_job_last_success_timestamp_seconds",
  duration: "fairlead_job_last_duration_seconds",
  next: "fairlead_job_next_run_timestamp_seconds",
  runs: "fairlead_job_runs_total",
  failures: "fairlead_job_failures_total",
} as const;

/** Windows over which objectives are watched: short and long ones of the burn-rate alerts, a day, and the budget's period. */
export const WINDOWS = ["5m", "30m", "1h", "6h", "1d", "3d"] as const;
export type Window = (typeof WINDOWS)[number];

/** Recorded rules, each by `app`; those of `byRelease` by app and release, times in seconds. */
export const RECORDED = {
  /** Requests and errors (5xx, those of the switch itself among them) a second, as HAProxy counts them. */
  requests: "app:requests:rate5m",
  errors: "app:errors:rate5m",
  /** Quantiles of the application's own histogram; absent where it exports none. */
  p50: "app:latency_seconds:p50_5m",
  p95: "app:latency_seconds:p95_5m",
  p99: "app:latency_seconds:p99_5m",
  /** 1 while the 95th percentile is above the objective, else 0; absent without requests. */
  slow: "app:slow:p95_5m",
  /** Share of requests that did not fail, and what is left of the budget (1 full, 0 spent), over the days that are kept. */
  availability: "app:availability:ratio",
  budget: "app:budget_left:ratio",
  /** The objectives themselves: share of requests that must not fail, and seconds of the 95th percentile. */
  objective: "app:objective:ratio",
  latencyObjective: "app:latency_objective:seconds",
  /** Whether the application can serve: it has a server that is up. */
  up: "app:up:bool",
  byRelease: {
    requests: "release:requests:rate5m",
    errors: "release:errors:rate5m",
    p50: "release:latency_seconds:p50_5m",
    p95: "release:latency_seconds:p95_5m",
    p99: "release:latency_seconds:p99_5m",
    memory: "release:memory_bytes:sum",
    cpu: "release:cpu:rate5m",
  },
} as const;

/** Share of requests that failed within a window, by app. */
export function errorRatio(window: Window): string {
  return `app:errors:ratio_rate${window}`;
}

/** Share of the time in which the 95th percentile was above the objective within a window, by app. */
export function slowRatio(window: Window): string {
  return `app:slow:ratio_avg${window}`;
}

/** How many requests there were within a window, by app. */
export function requestsIn(window: Window): string {
  return `app:requests:increase${window}`;
}
