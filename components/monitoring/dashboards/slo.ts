import { errorRatio, RECORDED, slowRatio, type Window } from "../../../config/metrics.ts";
import { dashboard, HOUR } from "./common.ts";
import {
  falling,
  line,
  NONE,
  query,
  stat,
  table,
  type Dashboard,
  type Panel,
  type Watched,
} from "./panel.ts";

/** Alerts at this moment, without the one that always fires. */
export const firing = (): Panel =>
  stat("alerts-firing", {
    title: "Alerts",
    description: "That fire at this moment.",
    unit: "count",
    queries: [query('count(ALERTS{alertstate="firing", alertname!="Watchdog"}) or vector(0)', "firing")],
    thresholds: NONE,
  });

/** The worst application's. */
export const availability = (): Panel =>
  stat("availability", {
    title: "Availability",
    description:
      "Share of requests that did not fail, of the worst application, over the days that are kept.",
    unit: "share",
    queries: [query(`min(${RECORDED.availability})`, "did not fail")],
    thresholds: falling(0.99, 0.999),
  });

/** What may still fail (M33). */
export const budget = (): Panel =>
  line("budget-left", {
    title: "Error budget left",
    description:
      "1: nothing has failed; 0: as much as the objective allows. Below: change nothing that isn't a repair.",
    unit: "share",
    queries: [query(RECORDED.budget, "{{app}}")],
    thresholds: falling(0, 0.25),
    width: 12,
    signed: true,
  });

const SHORT: readonly Window[] = ["5m", "1h", "6h"];

/** How many times faster than allowed the budget is spent. */
const burn = (window: Window): string =>
  `${errorRatio(window)} / on (app) (1 - max by (app) (${RECORDED.objective}))`;

const objectives: Panel[] = [
  table("objectives", {
    title: "Objectives",
    description: "Share of requests that must not fail, and that did not, by application.",
    unit: "share",
    queries: [
      query(`max by (app) (${RECORDED.objective})`, "{{app}} objective"),
      query(RECORDED.availability, "{{app}} reached"),
    ],
  }),
  table("latency-objectives", {
    title: "Objectives of time",
    description: "P95 that each application shall have, and has.",
    unit: "seconds",
    queries: [
      query(`max by (app) (${RECORDED.latencyObjective})`, "{{app}} objective"),
      query(RECORDED.p95, "{{app}} now"),
    ],
  }),
];

const spending: Panel[] = [
  budget(),
  line("burn-rate", {
    title: "Burn rate",
    description:
      "1 spends the budget exactly within its period. From 14.4 over an hour on somebody is called.",
    unit: "count",
    queries: SHORT.map((window) => query(burn(window), `{{app}} ${window}`)),
    width: 12,
  }),
  line("slow-share", {
    title: "Time above the objective",
    description: "Share of the time in which P95 was above its objective.",
    unit: "share",
    queries: SHORT.map((window) => query(slowRatio(window), `{{app}} ${window}`)),
    width: 12,
  }),
  line("error-ratio", {
    title: "Requests that failed",
    description: "Share, within an hour and a day.",
    unit: "share",
    queries: [query(errorRatio("1h"), "{{app}} 1h"), query(errorRatio("1d"), "{{app}} 1d")],
    width: 12,
  }),
];

/** Objectives and error budgets (M33, M34). */
export const slo = (watched: Watched): Dashboard =>
  dashboard(watched, "slo", {
    title: "Objectives and error budget",
    description: "Availability and response time beside what was promised.",
    range: 24 * HOUR,
    sections: [
      { title: "Now", panels: [availability(), firing()] },
      { title: "Objectives", panels: objectives },
      { title: "Error budget", panels: spending },
    ],
  });
