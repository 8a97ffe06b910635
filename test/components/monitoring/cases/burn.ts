import type { Case } from "./index.ts";
import { counter, gauge, type Phases, type Series } from "../series.ts";

const HOUR = 3600;

/** Requests of an application over hours: none fails, some fail, none fails. */
function failing(app: string, share: number, phases: Phases, step: number, perSecond = 1): Series[] {
  const own = `app="${app}",proxy="${app}",job="haproxy",instance="switch:8404"`;
  const all = (code: string, well: number, bad: number): Series =>
    counter(
      `haproxy_backend_http_responses_total{${own},code="${code}"}`,
      phases,
      well * perSecond,
      bad * perSecond,
      undefined,
      step,
    );
  return [all("2xx", 1, 1 - share), all("5xx", 0, share)];
}

/** Durations of requests: the 95th percentile is below the objective, above it, below it; and as many requests at the switch. */
function slowing(app: string, phases: Phases, step: number): Series[] {
  const own = `app="${app}",process="web",release="${app}-1",job="applications",instance="${app}-1:8000"`;
  const bucket = (le: string, well: number, bad: number): Series =>
    counter(`http_request_duration_seconds_bucket{${own},le="${le}"}`, phases, well, bad, undefined, step);
  return [...failing(app, 0, phases, step), bucket("0.1", 1, 0), bucket("1", 1, 1), bucket("+Inf", 1, 1)];
}

/** The beginnings of the second and third phase. */
const starts = ([well, bad]: Phases, step: number): [number, number] => [well * step, (well + bad) * step];

function burn(
  alert: string,
  window: string,
  series: (phases: Phases, step: number) => Series[],
  times: Times,
): Case {
  const [bad, after] = starts(times.phases, times.step);
  return {
    alert,
    rule: { app: "shop", window },
    series: series(times.phases, times.step),
    step: times.step,
    quiet: bad - times.step,
    early: bad + times.early,
    fires: bad + times.fires,
    figure: times.figure,
    resolved: after + times.resolved,
  };
}

/** Seconds from the beginning of a phase. */
interface Times {
  phases: Phases;
  step: number;
  early: number;
  fires: number;
  figure: string;
  resolved: number;
}

const FAST: Phases = [140, 60, 60];
const MIDDLE: Phases = [400, 200, 120];
const SLOW: Phases = [450, 450, 120];

/** Budgets that are spent too fast. 2 % is 20 times, 1 % 10 times, 0.2 % twice as many as 99.9 % allows. */
export const burnCases: readonly Case[] = [
  burn("ErrorBudgetBurn", "1h", (...when) => failing("shop", 0.02, ...when), {
    phases: FAST,
    step: 60,
    early: 30 * 60,
    fires: 55 * 60,
    figure: "1.867%",
    resolved: 6 * 60,
  }),
  burn("ErrorBudgetBurn", "6h", (...when) => failing("shop", 0.01, ...when), {
    phases: MIDDLE,
    step: 120,
    early: 3 * HOUR,
    fires: 6 * HOUR,
    figure: "1%",
    resolved: 40 * 60,
  }),
  burn("ErrorBudgetBurn", "3d", (...when) => failing("shop", 0.002, ...when), {
    phases: SLOW,
    step: 600,
    early: 30 * HOUR,
    fires: 60 * HOUR,
    figure: "0.1671%",
    resolved: 7 * HOUR,
  }),
  burn("LatencyBudgetBurn", "1h", (...when) => slowing("shop", ...when), {
    phases: FAST,
    step: 60,
    early: 4 * 60,
    fires: 20 * 60,
    figure: "34.43%",
    resolved: 20 * 60,
  }),
  burn("LatencyBudgetBurn", "6h", (...when) => slowing("shop", ...when), {
    phases: MIDDLE,
    step: 120,
    early: 10 * 60,
    fires: 40 * 60,
    figure: "11.6%",
    resolved: 60 * 60,
  }),
  burn("LatencyBudgetBurn", "3d", (...when) => slowing("shop", ...when), {
    phases: SLOW,
    step: 120,
    early: 10 * 60,
    fires: 120 * 60,
    figure: "11.96%",
    resolved: 10 * HOUR,
  }),
];

/** So few requests say nothing: the same share as above, and never an alert. */
export const FEW: { series: Series[]; step: number; at: number } = {
  series: [...failing("shop", 0.02, FAST, 60, 1 / 60), gauge("nothing", FAST, 0, 0)],
  step: 60,
  at: starts(FAST, 60)[0] + 55 * 60,
};
