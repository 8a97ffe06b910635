import { RECORDED, SERVER, TASK } from "../../../config/metrics.ts";
import { dashboard, HOUR } from "./common.ts";
import { line, NONE, query, table, type Dashboard, type Panel, type Watched } from "./panel.ts";
import { folders } from "./host.ts";

/** Units that save data or try a restore. */
const SAVING = '{unit=~".*(backup|drill|restore|verify).*"}';

const timers: Panel[] = [
  table("backup-age", {
    title: "Since the last backup and drill",
    description: "Time since each ended well. Empty where no backup is declared.",
    unit: "seconds",
    queries: [query(`time() - max by (unit) (${SERVER.unitLast}${SAVING})`, "{{unit}}")],
  }),
  table("unit-age", {
    title: "Since the last success of each timer",
    description: "Renewal, updates, backups: whatever the server does by itself.",
    unit: "seconds",
    queries: [query(`time() - max by (unit) (${SERVER.unitLast})`, "{{unit}}")],
  }),
  table("unit-failed", {
    title: "Timers and services that failed last",
    description: "1: journalctl -u UNIT on the server shows why.",
    unit: "count",
    queries: [query(`max by (unit) (${SERVER.unitFailed})`, "{{unit}}")],
    thresholds: NONE,
  }),
  table("unit-next", {
    title: "Until the next run",
    description: "Below zero it is overdue.",
    unit: "seconds",
    queries: [query(`max by (unit) (${SERVER.unitNext}) - time()`, "{{unit}}")],
    signed: true,
  }),
];

const growth: Panel[] = [
  { ...folders(), width: 12 },
  line("jobs-duration", {
    title: "Time that jobs take",
    description: "The last run of each.",
    unit: "seconds",
    queries: [query(`max by (app, exported_job) (${TASK.duration})`, "{{app}}/{{exported_job}}")],
    width: 12,
  }),
];

/** Backups, drills, and everything else that happens at set times. */
export const backups = (watched: Watched): Dashboard =>
  dashboard(watched, "backups", {
    title: "Backups and drills",
    description: "What the server does by itself at set times, and whether it went well.",
    range: 24 * HOUR,
    sections: [
      { title: "Timers", panels: timers },
      { title: "Over time", panels: growth },
    ],
  });

const { byRelease } = RECORDED;

const compared: Panel[] = [
  line("canary-weight", {
    title: "Share of the traffic",
    description: "What each release gets.",
    unit: "share",
    queries: [query(`max by (app, release) (${SERVER.weight})`, "{{release}}")],
    max: 1,
  }),
  line("canary-requests", {
    title: "Requests",
    description: "A second, by release.",
    unit: "rate",
    queries: [query(byRelease.requests, "{{release}}")],
  }),
  line("canary-errors", {
    title: "Errors",
    description: "Share of a release's own requests that failed.",
    unit: "share",
    queries: [query(`${byRelease.errors} / (${byRelease.requests} > 0)`, "{{release}}")],
  }),
  line("canary-latency", {
    title: "Response time, P95",
    description: "By release; absent where the application exports no histogram.",
    unit: "seconds",
    queries: [query(byRelease.p95, "{{release}}")],
  }),
  line("canary-memory", {
    title: "Memory",
    description: "By release, all processes together.",
    unit: "bytes",
    queries: [query(byRelease.memory, "{{release}}")],
  }),
  line("canary-cpu", {
    title: "CPU",
    description: "Cores in use, by release.",
    unit: "count",
    queries: [query(byRelease.cpu, "{{release}}")],
  }),
];

/** A new release beside the old one. */
export const canary = (watched: Watched): Dashboard =>
  dashboard(watched, "canary", {
    title: "Canary",
    description: "Releases of the same application beside each other.",
    annotations: { title: "Deploys", expr: `min by (release) (${SERVER.released})`, legend: "{{release}}" },
    sections: [{ title: "Releases", panels: compared }],
  });
