import { SERVER, TASK } from "../../../config/metrics.ts";
import type { RuleGroup } from "../rule.ts";

const WHICH = "{{ $labels.container }}";
const JOB = "{{ $labels.app }}/{{ $labels.exported_job }}";

/** Alerts about containers, of applications and of the infrastructure alike. */
export function containerAlerts(): RuleGroup {
  return {
    name: "containers",
    rules: [
      {
        alert: "ContainerDown",
        expr: `${SERVER.running} == 0`,
        for: 300,
        severity: "warning",
        summary: `${WHICH} doesn't run`,
        description: `The container ${WHICH} has been stopped for 5 minutes, and nothing starts it.`,
      },
      {
        alert: "ContainerRestarting",
        expr: `increase(${SERVER.restarts}[15m]) > 2`,
        severity: "warning",
        summary: `${WHICH} restarts again and again`,
        description: `The container ${WHICH} restarted {{ $value | humanize }} times in 15 minutes.`,
      },
      {
        alert: "ContainerKilledForMemory",
        expr: `increase(${SERVER.oomKills}[15m]) > 0`,
        severity: "warning",
        summary: `${WHICH} was killed for its memory`,
        description: `A process of the container ${WHICH} was killed {{ $value | humanize }} times in 15 minutes: it wanted more memory than its limit.`,
      },
      {
        alert: "ContainerUnhealthy",
        expr: `${SERVER.healthy} == 0`,
        for: 300,
        severity: "warning",
        summary: `${WHICH} is unhealthy`,
        description: `The container ${WHICH} has failed its health check for 5 minutes.`,
      },
      {
        alert: "ContainerLeftOver",
        expr: `${SERVER.leftOver} > 0`,
        for: 1800,
        severity: "warning",
        summary: "containers of {{ $labels.release }} are left over",
        description:
          "{{ $value | humanize }} containers of {{ $labels.release }} run, and the traffic switch knows no such release: they take memory for nothing.",
      },
    ],
  };
}

/** Alerts about what happens at set times: the applications' jobs, and the server's own timers. */
export function timerAlerts(): RuleGroup {
  return {
    name: "timers",
    rules: [
      {
        alert: "JobFailed",
        expr: `${TASK.failed} == 1`,
        severity: "warning",
        summary: `the job ${JOB} failed`,
        description: `The last run of ${JOB} failed, with all its retries ({{ $value | humanize }} means yes).`,
      },
      {
        alert: "JobOverdue",
        expr: `time() - ${TASK.next} > 900 unless ${TASK.running} == 1`,
        for: 300,
        severity: "warning",
        summary: `the job ${JOB} is overdue`,
        description: `${JOB} should have begun {{ $value | humanizeDuration }} ago.`,
      },
      {
        alert: "TimerFailed",
        expr: `${SERVER.unitFailed} == 1`,
        severity: "warning",
        summary: "{{ $labels.unit }} failed",
        description:
          "The server's own unit {{ $labels.unit }} ended with an error ({{ $value | humanize }} means yes).",
      },
      {
        alert: "TimerOverdue",
        expr: `time() - ${SERVER.unitNext} > 3600`,
        for: 300,
        severity: "warning",
        summary: "{{ $labels.unit }} is overdue",
        description: "{{ $labels.unit }} should have begun {{ $value | humanizeDuration }} ago.",
      },
    ],
  };
}
