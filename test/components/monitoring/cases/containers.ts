import type { Case } from "./index.ts";
import { gauge, moments, type Phases } from "../series.ts";

const PHASES: Phases = [40, 60, 80];
const [BAD, AFTER] = [40 * 30, 100 * 30];
const MINUTE = 60;

const OF = 'job="server",container="shop-1-abc",app="shop",process="web",release="shop-1"';
const LABELS = { job: "server", container: "shop-1-abc", app: "shop", process: "web", release: "shop-1" };
const JOB = 'job="server",app="shop",exported_job="nightly"';
const JOB_LABELS = { job: "server", app: "shop", exported_job: "nightly" };

/** Containers, jobs and timers. */
export const containerCases: readonly Case[] = [
  {
    alert: "ContainerDown",
    series: [gauge(`fairlead_container_running{${OF}}`, PHASES, 1, 0)],
    labels: LABELS,
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE + 30,
    fires: BAD + 5 * MINUTE,
    figure: "",
    resolved: AFTER + 30,
  },
  {
    alert: "ContainerRestarting",
    // Three at once, and then none.
    series: [gauge(`fairlead_container_restarts_total{${OF}}`, PHASES, 1, 4, 4)],
    labels: LABELS,
    quiet: BAD - 30,
    fires: BAD + MINUTE,
    figure: "3",
    resolved: AFTER,
  },
  {
    alert: "ContainerKilledForMemory",
    series: [gauge(`fairlead_container_oom_kills_total{${OF}}`, PHASES, 0, 1, 1)],
    labels: LABELS,
    quiet: BAD - 30,
    fires: BAD + MINUTE,
    figure: "1",
    resolved: AFTER,
  },
  {
    alert: "ContainerUnhealthy",
    series: [gauge(`fairlead_container_healthy{${OF}}`, PHASES, 1, 0)],
    labels: LABELS,
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE + 30,
    fires: BAD + 5 * MINUTE,
    figure: "",
    resolved: AFTER + 30,
  },
  {
    alert: "ContainerLeftOver",
    series: [
      gauge('fairlead_container_left_over{job="server",app="shop",release="shop-0"}', [40, 70, 80], 0, 2),
    ],
    labels: { job: "server", app: "shop", release: "shop-0" },
    quiet: BAD - 30,
    early: BAD + 29 * MINUTE,
    fires: BAD + 30 * MINUTE,
    figure: "2",
    resolved: 110 * 30 + 30,
  },
  {
    alert: "JobFailed",
    series: [gauge(`fairlead_job_failed{${JOB}}`, PHASES, 0, 1)],
    labels: JOB_LABELS,
    quiet: BAD - 30,
    fires: BAD,
    figure: "1",
    resolved: AFTER + 30,
  },
  {
    alert: "JobOverdue",
    series: [
      moments(`fairlead_job_next_run_timestamp_seconds{${JOB}}`, PHASES, [
        (now) => now + 600,
        () => BAD,
        (now) => now + 600,
      ]),
      gauge(`fairlead_job_running{${JOB}}`, PHASES, 0, 0),
    ],
    labels: JOB_LABELS,
    quiet: BAD - 30,
    early: BAD + 20 * MINUTE,
    fires: BAD + 21 * MINUTE,
    figure: "21m 0s",
    resolved: AFTER + 30,
  },
  {
    alert: "TimerFailed",
    series: [gauge('fairlead_unit_failed{job="server",unit="fairlead-renew"}', PHASES, 0, 1)],
    labels: { job: "server", unit: "fairlead-renew" },
    quiet: BAD - 30,
    fires: BAD,
    figure: "1",
    resolved: AFTER + 30,
  },
  {
    alert: "TimerOverdue",
    series: [
      moments(
        'fairlead_unit_next_run_timestamp_seconds{job="server",unit="certbot"}',
        [40, 160, 40],
        [(now) => now + 600, () => BAD, (now) => now + 600],
      ),
    ],
    labels: { job: "server", unit: "certbot" },
    quiet: BAD - 30,
    early: BAD + 64 * MINUTE,
    fires: BAD + 66 * MINUTE,
    figure: "1h 6m 0s",
    resolved: 200 * 30 + 30,
  },
];
