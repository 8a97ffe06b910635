import {
  errorRatio,
  HAPROXY,
  JOBS,
  RECORDED,
  requestsIn,
  slowRatio,
  type Window,
} from "../../../config/metrics.ts";
import { objectivesOf, scrapedOf, thresholdsOf } from "../../../config/objectives.ts";
import { hasTraffic } from "../../../config/ports.ts";
import { WEB } from "../../../config/processes.ts";
import type { Objectives } from "../../../config/schema/objectives.ts";
import { of, type Alert, type RuleGroup } from "../rule.ts";
import type { Watched } from "../watched.ts";

/** Alerts about each application that answers requests, with its own thresholds. Its name is a label: no two rules are alike. */
export function applicationAlerts(watched: Watched): RuleGroup[] {
  return Object.keys(watched.apps)
    .filter((app) => hasTraffic(watched.apps[app]!))
    .sort()
    .map((app) => ({
      name: `application ${app}`,
      rules: [
        backendDown(watched, app),
        ...errors(watched, app),
        responseTime(watched, app),
        ...BURNS.flatMap((burn) => budgets(objectivesOf(watched, app), app, burn)),
      ],
    }));
}

/** The switch has no server for it, or its own figures can't be had; one that exports too many is not down. */
function backendDown({ apps, monitoring }: Watched, app: string): Alert {
  const served = `max by (app) (${HAPROXY.activeServers}${of(app)}) == 0`;
  const target = `{job="${JOBS.applications}",app="${app}",process="${WEB}"}`;
  const scraped = `max by (app) (up${target} unless on (instance) scrape_samples_scraped${target} > ${monitoring.series}) == 0`;
  const hasFigures = scrapedOf(apps[app]!).some(({ process }) => process === WEB);
  return {
    alert: "BackendDown",
    expr: hasFigures ? `(${served}) or (${scraped})` : served,
    for: 120,
    severity: "critical",
    labels: { app },
    summary: `${app} is down`,
    description: `No container of ${app} has answered for 2 minutes: visitors get errors.`,
  };
}

function errors(watched: Watched, app: string): Alert[] {
  const { errorShare, errorRate } = thresholdsOf(watched, app);
  const byShare: Alert = {
    alert: "HighErrorRate",
    expr: `${errorRatio("5m")}${of(app)} > ${errorShare.above}`,
    for: errorShare.for,
    severity: errorShare.severity,
    labels: { app, measure: "share" },
    summary: `${app} answers with errors`,
    description: `{{ $value | humanizePercentage }} of the requests to ${app} failed (5xx) in the last 5 minutes; the threshold is ${percent(errorShare.above)}.`,
  };
  if (!errorRate) return [byShare];
  return [
    byShare,
    {
      alert: "HighErrorRate",
      expr: `${RECORDED.errors}${of(app)} > ${errorRate.above}`,
      for: errorRate.for,
      severity: errorRate.severity,
      labels: { app, measure: "rate" },
      summary: `${app} answers with errors`,
      description: `${app} failed {{ $value | humanize }} times a second (5xx) in the last 5 minutes; the threshold is ${errorRate.above}.`,
    },
  ];
}

function responseTime(watched: Watched, app: string): Alert {
  const { responseTime: bound } = thresholdsOf(watched, app);
  return {
    alert: "HighResponseTime",
    expr: `${RECORDED.p95}${of(app)} > ${bound.above}`,
    for: bound.for,
    severity: bound.severity,
    labels: { app },
    summary: `${app} is slow`,
    description: `One of twenty requests to ${app} took longer than {{ $value | humanizeDuration }} in the last 5 minutes (95th percentile); the threshold is ${bound.above} s.`,
  };
}

/** Two windows each: the long one says that it matters, the short one that it still goes on (Google's SRE workbook, "Alerting on SLOs"). */
interface Burn {
  long: Window;
  short: Window;
  /** How many times faster than the budget allows. */
  factor: number;
  /** Seconds. */
  for?: number;
  severity: Alert["severity"];
}

const BURNS: readonly Burn[] = [
  { long: "1h", short: "5m", factor: 14.4, severity: "critical" },
  { long: "6h", short: "30m", factor: 6, for: 300, severity: "critical" },
  { long: "3d", short: "6h", factor: 1, for: 1800, severity: "warning" },
];

function budgets(objectives: Objectives, app: string, burn: Burn): Alert[] {
  const { availability, latency, latencyTime, minimum } = objectives;
  const { long, short, factor, severity } = burn;
  const enough = `${requestsIn(long)}${of(app)} >= ${minimum}`;
  const both = (ratio: (window: Window) => string, budget: number): string => {
    const bound = Number((factor * budget).toFixed(8));
    return `${ratio(long)}${of(app)} > ${bound} and ${ratio(short)}${of(app)} > ${bound} and ${enough}`;
  };
  const common = { for: burn.for, severity, labels: { app, window: long } };
  return [
    {
      ...common,
      alert: "ErrorBudgetBurn",
      expr: both(errorRatio, 1 - availability),
      summary: spends(app, "errors", factor),
      description: `{{ $value | humanizePercentage }} of the requests to ${app} failed within ${long}; the objective allows ${percent(1 - availability)}.`,
    },
    {
      ...common,
      alert: "LatencyBudgetBurn",
      expr: both(slowRatio, 1 - latencyTime),
      summary: spends(app, "slowness", factor),
      description: `For {{ $value | humanizePercentage }} of ${long}, the 95th percentile of ${app} was above ${latency} s; the objective allows ${percent(1 - latencyTime)} of the time.`,
    },
  ];
}

const percent = (share: number): string => `${Number((share * 100).toFixed(6))}%`;

function spends(app: string, what: string, factor: number): string {
  const times = factor === 1 ? "and nothing will be left" : `${factor} times too fast`;
  return `${app} spends its budget for ${what}, ${times}`;
}
