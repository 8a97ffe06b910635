import type { StackConfig } from "./schema/index.ts";
import type { App } from "./schema/app/index.ts";
import type { Metrics } from "./schema/app/metrics.ts";
import type { AppThresholds, Objectives } from "./schema/objectives.ts";
import { hasTraffic } from "./ports.ts";
import { WEB } from "./processes.ts";

type Monitored = Pick<StackConfig, "monitoring">;

/** What an application promises: its own objectives, and those of all where it has none. */
export function objectivesOf({ monitoring }: Monitored, app: string): Objectives {
  return { ...monitoring.objectives, ...defined(monitoring.apps[app]?.objectives) };
}

/** When alerts about an application fire. */
export function thresholdsOf({ monitoring }: Monitored, app: string): AppThresholds {
  return { ...monitoring.thresholds, ...defined(monitoring.apps[app]?.thresholds) };
}

function defined<T extends object>(own: T | undefined): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  const entries = Object.entries(own ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<{ [K in keyof T]: NonNullable<T[K]> }>;
}

/** Where a process exports figures. */
export interface Scraped {
  process: string;
  port: number;
  path: string;
  /** Seconds; as often as everything else when absent. */
  interval?: number;
}

/** The processes of an application that export figures. */
export function scrapedOf(app: App): Scraped[] {
  const named = Object.entries(app.processes).flatMap(([process, { metrics }]) =>
    metrics ? [scraped(process, metrics, metrics.port)] : [],
  );
  const web = app.metrics ? [scraped(WEB, app.metrics, app.metrics.port ?? app.port!)] : [];
  return [...(hasTraffic(app) ? web : []), ...named].sort((a, b) => (a.process < b.process ? -1 : 1));
}

function scraped(process: string, { path, interval }: Metrics, port: number): Scraped {
  return { process, port, path, interval };
}
