import { hasTraffic } from "./ports.ts";
import type { App } from "./schema/app/index.ts";
import type { Process } from "./schema/app/process.ts";

/** The process that answers HTTP, or on the TCP ports; an application with neither has none. */
export const WEB = "web";

/** The process of an application that has neither a port nor processes with names. */
export const MAIN = "main";

/** What the command that prepares a release is called among its processes. */
export const RELEASE = "release";

/** A process beside the web process, with everything that it takes over from its application. */
export interface Worker extends Pick<Process, "command" | "entrypoint" | "replicas"> {
  name: string;
  resources: App["resources"];
  health: Process["health"];
  /** Seconds. */
  stop: number;
  /** Its containers stop before those of the next release start. */
  succeeds: boolean;
}

/** The processes of an application that get no traffic, by name. */
export function workersOf(app: App): Worker[] {
  const named = Object.entries(app.processes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, process]) => worker(name, process, app));
  return hasMain(app) ? [main(app), ...named] : named;
}

/** An application without a port runs its own command, unless it names processes and no command. */
function hasMain(app: App): boolean {
  const { command, entrypoint, processes } = app;
  if (hasTraffic(app)) return false;
  return command !== undefined || entrypoint !== undefined || Object.keys(processes).length === 0;
}

function main(app: App): Worker {
  const { command, entrypoint, replicas, resources, stop, exclusive } = app;
  const { command: check, interval, timeout, retries, within } = app.health;
  const health = { command: check, interval, timeout, retries, within };
  return { name: MAIN, command, entrypoint, replicas, resources, health, stop, succeeds: exclusive };
}

function worker(name: string, process: Process, app: App): Worker {
  const { command, entrypoint, replicas, single, exclusive, health } = process;
  return {
    name,
    command,
    entrypoint,
    replicas,
    resources: process.resources ?? app.resources,
    health,
    stop: process.stop ?? app.stop,
    succeeds: single || exclusive || app.exclusive,
  };
}

/**
 * Which of them run in one of an application's releases: none in one that is only kept warm, and what never runs twice
 * in the one with the most weight alone.
 * @param weights of all releases, in their order
 */
export function workersIn(app: App, weights: readonly number[], index: number): Worker[] {
  const leads = weights.indexOf(Math.max(...weights)) === index;
  if (weights[index] === 0) return [];
  return workersOf(app).filter(({ succeeds }) => leads || !succeeds);
}
