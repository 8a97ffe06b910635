import { HAPROXY, RECORDED, SERVER, TASK } from "../../../config/metrics.ts";
import { dashboard } from "./common.ts";
import { line, NONE, query, stat, table, YES, type Dashboard, type Panel, type Watched } from "./panel.ts";

const { byRelease } = RECORDED;

/** Everything about one application; each deploy is marked. */
export function application(watched: Watched, app: string): Dashboard {
  const own = `{app="${app}"}`;
  return dashboard(watched, `app-${app}`, {
    title: `Application ${app}`,
    description: `Requests, response times, resources and jobs of ${app}, release by release.`,
    annotations: {
      title: "Deploys",
      expr: `min by (release) (${SERVER.released}${own})`,
      legend: "{{release}}",
    },
    sections: [
      { title: "Now", panels: now(own) },
      { title: "Requests", panels: requests(own) },
      { title: "Resources", panels: resources(own) },
      { title: "Jobs", panels: jobs(own) },
    ],
  });
}

const now = (own: string): Panel[] => [
  stat("app-up", {
    title: "Can serve",
    description: "It has a healthy server at the traffic switch.",
    unit: "count",
    queries: [query(`max(${RECORDED.up}${own})`, "up")],
    thresholds: YES,
  }),
  stat("app-containers", {
    title: "Containers",
    description: "That run, of all processes.",
    unit: "count",
    queries: [query(`sum(${SERVER.running}${own})`, "running")],
  }),
  stat("app-restarts", {
    title: "Restarts",
    description: "Within a day.",
    unit: "count",
    queries: [query(`sum(increase(${SERVER.restarts}${own}[1d]))`, "restarts")],
    thresholds: NONE,
  }),
  stat("app-unhealthy", {
    title: "Unhealthy",
    description: "Containers that fail their check.",
    unit: "count",
    queries: [query(`sum(${SERVER.healthy}${own} == bool 0) or vector(0)`, "unhealthy")],
    thresholds: NONE,
  }),
];

const requests = (own: string): Panel[] => [
  line("app-requests", {
    title: "Requests by release",
    description: "A second.",
    unit: "rate",
    queries: [query(`${byRelease.requests}${own}`, "{{release}}")],
  }),
  line("app-errors", {
    title: "Errors (5xx) by release",
    description: "A second.",
    unit: "rate",
    queries: [query(`${byRelease.errors}${own}`, "{{release}}")],
  }),
  line("app-weight", {
    title: "Share of the traffic",
    description: "What each release gets.",
    unit: "share",
    queries: [query(`max by (release) (${SERVER.weight}${own})`, "{{release}}")],
    max: 1,
  }),
  line("app-latency", {
    title: "Response time",
    description: "P50, P95 and P99 of all releases, and the objective of P95.",
    unit: "seconds",
    queries: [
      query(`${RECORDED.p50}${own}`, "P50"),
      query(`${RECORDED.p95}${own}`, "P95"),
      query(`${RECORDED.p99}${own}`, "P99"),
      query(`max(${RECORDED.latencyObjective}${own})`, "objective"),
    ],
    width: 12,
  }),
  line("app-latency-by-release", {
    title: "Response time by release, P95",
    description: "Absent where the application exports no histogram.",
    unit: "seconds",
    queries: [query(`${byRelease.p95}${own}`, "{{release}}")],
    width: 12,
  }),
  line("app-sessions", {
    title: "Sessions",
    description: "Open at the traffic switch.",
    unit: "count",
    queries: [query(`sum(${HAPROXY.sessions}${own})`, "sessions")],
    width: 12,
  }),
  line("app-mean-time", {
    title: "Mean response time",
    description:
      "Of the last 1,024 requests, as HAProxy measures it; also without metrics of the application's own.",
    unit: "seconds",
    queries: [query(`max(${HAPROXY.responseTime}${own})`, "mean")],
    width: 12,
  }),
];

const resources = (own: string): Panel[] => [
  line("app-memory", {
    title: "Memory by process",
    description: "Bytes, by process and release.",
    unit: "bytes",
    queries: [query(`sum by (process, release) (${SERVER.memory}${own})`, "{{process}} {{release}}")],
  }),
  line("app-memory-limit", {
    title: "Memory beside its limit",
    description: "Share of each container's own limit.",
    unit: "share",
    queries: [query(`${SERVER.memory}${own} / (${SERVER.memoryLimit}${own} > 0)`, "{{container}}")],
    max: 1,
  }),
  line("app-cpu", {
    title: "CPU by process",
    description: "Cores in use.",
    unit: "count",
    queries: [query(`sum by (process, release) (rate(${SERVER.cpu}${own}[5m]))`, "{{process}} {{release}}")],
  }),
];

const jobs = (own: string): Panel[] => [
  table("app-jobs-failed", {
    title: "Jobs that failed last",
    description: "1: the last run failed. npm run jobs shows why.",
    unit: "count",
    queries: [query(`max by (exported_job) (${TASK.failed}${own})`, "{{exported_job}}")],
    thresholds: NONE,
  }),
  table("app-jobs-age", {
    title: "Since the last success",
    description: "Of each job.",
    unit: "seconds",
    queries: [query(`time() - max by (exported_job) (${TASK.succeeded}${own})`, "{{exported_job}}")],
  }),
];
