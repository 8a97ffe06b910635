import { JOBS, SERVER } from "../../../config/metrics.ts";
import { scrapedOf } from "../../../config/objectives.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import type { Watched } from "../watched.ts";

/** Alerts about monitoring itself. */
export function ownAlerts(watched: Watched, jobs: readonly string[]): RuleGroup {
  return {
    name: "monitoring",
    rules: [
      ...missing(watched, jobs),
      tooManySeries(watched),
      figuresStale(),
      configNotTakenOver(),
      ruleFailing(),
      notificationFailing(),
      testAlert(),
      watchdog(),
    ],
  };
}

/** A target that doesn't answer, and one that isn't there at all although it is declared. */
function missing({ apps, monitoring }: Watched, jobs: readonly string[]): Alert[] {
  const common = { alert: "TargetMissing", for: 300, severity: "warning" as const };
  const silent: Alert = {
    ...common,
    expr: `up{job!="${JOBS.applications}"} == 0 or (up{job="${JOBS.applications}"} == 0 unless on (instance) scrape_samples_scraped > ${monitoring.series})`,
    summary: "{{ $labels.job }} gives no figures",
    description: "{{ $labels.instance }} has answered no scrape for 5 minutes (up {{ $value | humanize }}).",
  };
  const absent = (labels: Record<string, string>, what: string): Alert => ({
    ...common,
    expr: `absent(up{${Object.entries(labels)
      .map(([name, value]) => `${name}="${value}"`)
      .join(",")}})`,
    labels,
    summary: `${what} gives no figures`,
    description: `Prometheus has had no target of ${what} for 5 minutes (absent {{ $value | humanize }}).`,
  });
  const declared = Object.keys(apps)
    .sort()
    .flatMap((app) =>
      scrapedOf(apps[app]!).map(({ process }) =>
        absent({ job: JOBS.applications, app, process }, `${app}/${process}`),
      ),
    );
  const others = jobs.filter((job) => job !== JOBS.applications);
  return [silent, ...others.map((job) => absent({ job }, job)), ...declared];
}

function tooManySeries({ monitoring: { series } }: Watched): Alert {
  return {
    alert: "TooManySeries",
    expr: `max by (app, process) (scrape_samples_scraped{job="${JOBS.applications}"}) > ${series}`,
    for: 60,
    severity: "warning",
    summary: "{{ $labels.app }} exports too many series",
    description: `{{ $labels.app }} ({{ $labels.process }}) exports {{ $value | humanize }} series; above ${series} none of them is kept.`,
  };
}

function figuresStale(): Alert {
  return {
    alert: "FiguresStale",
    expr: `time() - max(${SERVER.written}) > 180`,
    for: 120,
    severity: "warning",
    summary: "the server's tools write no figures",
    description: "The figures of containers, jobs and timers are {{ $value | humanizeDuration }} old.",
  };
}

function configNotTakenOver(): Alert {
  return {
    alert: "ConfigNotTakenOver",
    expr: "prometheus_config_last_reload_successful == 0 or alertmanager_config_last_reload_successful == 0",
    for: 300,
    severity: "warning",
    summary: "{{ $labels.job }} works with an old configuration",
    description:
      "{{ $labels.job }} refused its new configuration and works on with the one before (success {{ $value | humanize }}).",
  };
}

function ruleFailing(): Alert {
  return {
    alert: "RuleFailing",
    expr: "increase(prometheus_rule_evaluation_failures_total[10m]) > 0",
    for: 300,
    severity: "warning",
    summary: "rules of {{ $labels.rule_group }} fail",
    description:
      "Rules of {{ $labels.rule_group }} failed {{ $value | humanize }} times in 10 minutes: their alerts can't fire.",
  };
}

function notificationFailing(): Alert {
  return {
    alert: "NotificationFailing",
    expr: "increase(alertmanager_notifications_failed_total[10m]) > 0",
    for: 300,
    severity: "critical",
    summary: "{{ $labels.integration }} takes no notifications",
    description:
      "{{ $value | humanize }} notifications by {{ $labels.integration }} failed in 10 minutes; they are tried again.",
  };
}

/** What `fairlead alert test` causes on the server: the whole way of an alert. */
function testAlert(): Alert {
  return {
    alert: "TestAlert",
    expr: `${SERVER.test} == 1`,
    severity: "critical",
    summary: "this is only a test",
    description:
      "Somebody sends a test to see whether alerts arrive ({{ $value | humanize }} means yes). Nothing is wrong.",
  };
}

/** It always fires: who hears it no more knows that nobody watches. */
function watchdog(): Alert {
  return {
    alert: "Watchdog",
    expr: "vector(1)",
    severity: "none",
    summary: "monitoring works",
    description:
      "This alert always fires ({{ $value | humanize }}). Its absence means that alerts don't arrive.",
  };
}
