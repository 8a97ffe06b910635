import {
  APP_METRICS,
  errorRatio,
  HAPROXY,
  RECORDED,
  requestsIn,
  SERVER,
  slowRatio,
  WINDOWS,
  type Window,
} from "../../../config/metrics.ts";
import { objectivesOf } from "../../../config/objectives.ts";
import { hasTraffic } from "../../../config/ports.ts";
import { duration } from "../duration.ts";
import type { Recorded, RuleGroup } from "../rule.ts";
import type { Watched } from "../watched.ts";

const ALL = `${HAPROXY.backendResponses}{app!=""}`;
const FAILED = `${HAPROXY.backendResponses}{app!="",code="5xx"}`;
const BUCKETS = `${APP_METRICS.duration}_bucket{app!=""}`;

/** Windows whose figures change slowly and cost most. */
const LONG: readonly Window[] = ["6h", "1d", "3d"];
const isLong = (window: Window): boolean => LONG.includes(window);

/** Seconds over which the budget counts, where figures are kept that long. */
const PERIOD = 30 * 86_400;

/** Figures from which alerts and dashboards are made. */
export function recorded(watched: Watched): RuleGroup[] {
  const period = duration(Math.min(PERIOD, watched.monitoring.retention.time));
  return [
    { name: "objectives", interval: 60, rules: objectives(watched) },
    {
      name: "applications",
      rules: [...applications(), ...WINDOWS.filter((one) => !isLong(one)).flatMap(inWindow)],
    },
    { name: "releases", rules: releases() },
    {
      name: "long windows",
      interval: 120,
      rules: [...LONG.flatMap(inWindow), ...availability(period)],
    },
  ];
}

function objectives(watched: Watched): Recorded[] {
  const names = Object.keys(watched.apps).filter((app) => hasTraffic(watched.apps[app]!));
  return names.sort().flatMap((app) => {
    const { availability: share, latency } = objectivesOf(watched, app);
    return [
      { record: RECORDED.objective, expr: `vector(${share})`, labels: { app } },
      { record: RECORDED.latencyObjective, expr: `vector(${latency})`, labels: { app } },
    ];
  });
}

function applications(): Recorded[] {
  const { requests, errors, p50, p95, p99, slow, latencyObjective, up } = RECORDED;
  return [
    { record: requests, expr: `sum by (app) (rate(${ALL}[5m]))` },
    { record: errors, expr: `sum by (app) (rate(${FAILED}[5m]))` },
    { record: p50, expr: quantile(0.5, ["app"]) },
    { record: p95, expr: quantile(0.95, ["app"]) },
    { record: p99, expr: quantile(0.99, ["app"]) },
    { record: slow, expr: `${p95} > bool on (app) ${latencyObjective}` },
    { record: up, expr: `max by (app) (${HAPROXY.activeServers}{app!=""}) > bool 0` },
  ];
}

function inWindow(window: Window): Recorded[] {
  const all = `sum by (app) (rate(${ALL}[${window}]))`;
  return [
    { record: errorRatio(window), expr: `sum by (app) (rate(${FAILED}[${window}])) / (${all} > 0)` },
    { record: requestsIn(window), expr: `sum by (app) (increase(${ALL}[${window}]))` },
    { record: slowRatio(window), expr: `avg_over_time(${RECORDED.slow}[${window}])` },
  ];
}

/** HAProxy's servers are places that releases take in turn: which one has a place now is the server's tools' to say. */
function releases(): Recorded[] {
  const { requests, errors, p50, p95, p99, memory, cpu } = RECORDED.byRelease;
  const named = `on (proxy, server) group_left (release) ${SERVER.slot}`;
  const rate = (more: string): string =>
    `sum by (app, release) (rate(${HAPROXY.serverResponses}{app!=""${more}}[5m]) * ${named})`;
  return [
    { record: requests, expr: rate("") },
    { record: errors, expr: rate(',code="5xx"') },
    { record: p50, expr: quantile(0.5, ["app", "release"]) },
    { record: p95, expr: quantile(0.95, ["app", "release"]) },
    { record: p99, expr: quantile(0.99, ["app", "release"]) },
    { record: memory, expr: `sum by (app, release) (${SERVER.memory}{app!=""})` },
    { record: cpu, expr: `sum by (app, release) (rate(${SERVER.cpu}{app!=""}[5m]))` },
  ];
}

/** Without requests it is no number, and is left out. */
function quantile(share: number, labels: string[]): string {
  return `histogram_quantile(${share}, sum by (${[...labels, "le"].join(", ")}) (rate(${BUCKETS}[5m]))) >= 0`;
}

function availability(period: string): Recorded[] {
  const all = `sum by (app) (increase(${ALL}[${period}]))`;
  const { availability: kept, budget, objective } = RECORDED;
  return [
    { record: kept, expr: `1 - sum by (app) (increase(${FAILED}[${period}])) / (${all} > 0)` },
    { record: budget, expr: `1 - (1 - ${kept}) / on (app) (1 - ${objective})` },
  ];
}
