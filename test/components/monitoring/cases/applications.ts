import type { Case } from "./index.ts";
import { counter, gauge, type Phases, type Series } from "../series.ts";

const PHASES: Phases = [40, 40, 60];
const MINUTE = 60;
/** When the second and third phase begin. */
const [BAD, AFTER] = [40 * 30, 80 * 30];

/** Answers of an application, good and bad, a second. */
function answers(app: string, good: number, bad: [number, number]): Series[] {
  const own = `app="${app}",proxy="${app}",job="haproxy",instance="switch:8404"`;
  return [
    counter(`haproxy_backend_http_responses_total{${own},code="2xx"}`, PHASES, good, good),
    counter(`haproxy_backend_http_responses_total{${own},code="5xx"}`, PHASES, ...bad),
  ];
}

const buckets = (app: string, fast: number, slow: number): Series[] => {
  const own = `app="${app}",process="web",release="${app}-1",job="applications",instance="${app}-1:8000"`;
  const bucket = (le: string, well: number, bad: number): Series =>
    counter(`http_request_duration_seconds_bucket{${own},le="${le}"}`, PHASES, well, bad);
  return [
    bucket("0.1", fast, 0),
    bucket("2", fast, fast - slow),
    bucket("4", fast, fast),
    bucket("+Inf", fast, fast),
  ];
};

/** An application answers with errors or slowly, or doesn't answer. */
export const applicationCases: readonly Case[] = [
  {
    alert: "BackendDown",
    rule: { app: "plain" },
    series: [gauge('haproxy_backend_active_servers{app="plain",proxy="plain"}', PHASES, 2, 0)],
    quiet: BAD - 30,
    early: BAD + 90,
    fires: BAD + 120,
    figure: "",
    resolved: AFTER + 30,
  },
  {
    alert: "BackendDown",
    rule: { app: "shop" },
    series: [
      gauge('haproxy_backend_active_servers{app="shop",proxy="shop"}', PHASES, 2, 2),
      gauge('up{job="applications",app="shop",process="web",instance="shop-1:8000"}', PHASES, 1, 0),
      gauge(
        'scrape_samples_scraped{job="applications",app="shop",process="web",instance="shop-1:8000"}',
        PHASES,
        300,
        0,
      ),
    ],
    quiet: BAD - 30,
    early: BAD + 90,
    fires: BAD + 120,
    figure: "",
    resolved: AFTER + 30,
  },
  {
    alert: "HighErrorRate",
    rule: { app: "plain", measure: "share" },
    series: answers("plain", 9, [0, 1]),
    quiet: BAD - 30,
    // A share of 5 % in 5 minutes is reached in the midst of them.
    early: BAD + 5 * MINUTE,
    fires: BAD + 11 * MINUTE,
    figure: "10%",
    resolved: AFTER + 6 * MINUTE,
  },
  {
    alert: "HighErrorRate",
    rule: { app: "shop", measure: "rate" },
    series: answers("shop", 100, [0, 0.2]),
    quiet: BAD - 30,
    early: BAD + 5 * MINUTE,
    fires: BAD + 11 * MINUTE,
    figure: "200m",
    resolved: AFTER + 6 * MINUTE,
  },
  {
    alert: "HighResponseTime",
    rule: { app: "shop" },
    series: buckets("shop", 10, 1),
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE,
    fires: BAD + 11 * MINUTE,
    figure: "3s",
    resolved: AFTER + 6 * MINUTE,
  },
];
