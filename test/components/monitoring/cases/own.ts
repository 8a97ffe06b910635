import type { Case } from "./index.ts";
import { counter, gauge, moments, type Phases } from "../series.ts";

const PHASES: Phases = [40, 60, 80];
const [BAD, AFTER] = [40 * 30, 100 * 30];
const MINUTE = 60;

const APP = 'job="applications",app="shop",process="worker",instance="shop-1-worker-1:9000"';

const times = (seconds: number): Pick<Case, "quiet" | "early" | "fires" | "resolved"> => ({
  quiet: BAD - 30,
  early: BAD + seconds - 30,
  fires: BAD + seconds,
  resolved: AFTER + 30,
});

/** Monitoring itself. */
export const ownCases: readonly Case[] = [
  {
    alert: "TargetMissing",
    rule: { expr: 'up{job!="applications"}' },
    series: [gauge('up{job="node",instance="node-exporter:9100"}', PHASES, 1, 0)],
    labels: { job: "node", instance: "node-exporter:9100" },
    figure: "0",
    ...times(300),
  },
  {
    alert: "TargetMissing",
    rule: { job: "postgres" },
    series: [gauge('up{job="postgres",instance="p"}', PHASES, 1, "_", 1)],
    figure: "1",
    // A figure is known for five minutes after its last value, unless it is said that it is gone.
    quiet: BAD - 30,
    early: BAD + 9 * MINUTE,
    fires: BAD + 10 * MINUTE + 30,
    resolved: AFTER + 30,
  },
  {
    alert: "TargetMissing",
    rule: { app: "shop", process: "worker" },
    series: [gauge(`up{${APP}}`, PHASES, 1, "_", 1)],
    figure: "1",
    quiet: BAD - 30,
    early: BAD + 9 * MINUTE,
    fires: BAD + 10 * MINUTE + 30,
    resolved: AFTER + 30,
  },
  {
    alert: "TooManySeries",
    series: [gauge(`scrape_samples_scraped{${APP}}`, PHASES, 300, 10_000)],
    labels: { app: "shop", process: "worker" },
    figure: "10k",
    ...times(60),
  },
  {
    alert: "FiguresStale",
    series: [
      moments('fairlead_server_written_timestamp_seconds{job="server"}', PHASES, [
        (now) => now,
        () => BAD,
        (now) => now,
      ]),
    ],
    figure: "6m 0s",
    quiet: BAD - 30,
    early: BAD + 5 * MINUTE,
    fires: BAD + 6 * MINUTE,
    resolved: AFTER + 30,
  },
  ...["prometheus", "alertmanager"].map((job): Case => ({
    alert: "ConfigNotTakenOver",
    series: [gauge(`${job}_config_last_reload_successful{job="${job}"}`, PHASES, 1, 0)],
    labels: { job },
    figure: "0",
    ...times(300),
  })),
  {
    alert: "TestAlert",
    series: [gauge('fairlead_test_alert{job="server"}', PHASES, "_", 1)],
    labels: { job: "server" },
    quiet: BAD - 30,
    fires: BAD,
    figure: "1",
    resolved: AFTER + 6 * MINUTE,
  },
  {
    alert: "RuleFailing",
    series: [
      counter(
        'prometheus_rule_evaluation_failures_total{job="prometheus",rule_group="a"}',
        PHASES,
        0,
        1 / 30,
      ),
    ],
    labels: { job: "prometheus", rule_group: "a" },
    figure: "19",
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE,
    fires: BAD + 9 * MINUTE,
    resolved: AFTER + 11 * MINUTE,
  },
  {
    alert: "NotificationFailing",
    series: [
      counter(
        'alertmanager_notifications_failed_total{job="alertmanager",integration="slack"}',
        PHASES,
        0,
        1 / 30,
      ),
    ],
    labels: { job: "alertmanager", integration: "slack" },
    figure: "19",
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE,
    fires: BAD + 9 * MINUTE,
    resolved: AFTER + 11 * MINUTE,
  },
];
