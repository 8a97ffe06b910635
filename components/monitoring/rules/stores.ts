import { JOBS, POSTGRES, REDIS } from "../../../config/metrics.ts";
import { neededServices } from "../../../config/services.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import type { Watched } from "../watched.ts";

/** Alerts about the database and the cache, where the stack has an exporter for them. */
export function storeAlerts(watched: Watched): RuleGroup {
  const { connections } = watched.monitoring.thresholds;
  const needed = neededServices(watched);
  return {
    name: "stores",
    rules: [
      ...(needed.includes("postgres-exporter") ? [postgresDown(), connectionsHigh(connections)] : []),
      ...(needed.includes("redis-exporter") ? [redisDown()] : []),
    ],
  };
}

/** The store itself, or the exporter that asks it (M10, M11 name the exporter's target). */
function down(own: string, job: string): string {
  return `max(${own}) == 0 or max(up{job="${job}"}) == 0`;
}

function postgresDown(): Alert {
  return {
    alert: "PostgresDown",
    expr: down(POSTGRES.up, JOBS.postgres),
    for: 60,
    severity: "critical",
    summary: "Postgres is down",
    description:
      "Postgres, or the exporter that asks it, has not answered for a minute (it says {{ $value | humanize }}).",
  };
}

function redisDown(): Alert {
  return {
    alert: "RedisDown",
    expr: down(REDIS.up, JOBS.redis),
    for: 60,
    severity: "warning",
    summary: "Redis is down",
    description:
      "Redis, or the exporter that asks it, has not answered for a minute (it says {{ $value | humanize }}).",
  };
}

function connectionsHigh(bound: Watched["monitoring"]["thresholds"]["connections"]): Alert {
  const sessions = `sum(${POSTGRES.backends})`;
  const byShare = bound.above <= 1;
  return {
    alert: "DatabaseConnectionsHigh",
    expr: byShare
      ? `${sessions} / max(${POSTGRES.maxConnections}) > ${bound.above}`
      : `${sessions} > ${bound.above}`,
    for: bound.for,
    severity: bound.severity,
    summary: "Postgres has almost no sessions left",
    description: byShare
      ? "{{ $value | humanizePercentage }} of Postgres's sessions (max_connections) are taken."
      : `{{ $value | humanize }} sessions of Postgres are taken; the threshold is ${bound.above}.`,
  };
}
