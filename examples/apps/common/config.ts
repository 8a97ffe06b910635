import type { Env } from "./env.ts";
import { readFault, type Fault } from "./fault.ts";
import { LEVELS, type Level } from "./log.ts";

/** The configuration that both applications share. */
export interface ProcessConfig {
  /** Address to listen on; all of them when it isn't set. */
  host: string | undefined;
  port: number;
  /** Name in logs and in the health answer. */
  service: string;
  /** Name of the release, in every answer. */
  release: string;
  version: string;
  drainSeconds: number;
  shutdownSeconds: number;
  logLevel: Level;
  fault: Fault;
}

/** Reads the variables that both applications have. Problems are collected in `env`. */
export function readProcess(env: Env, defaults: { service: string; port: number }): ProcessConfig {
  const drainSeconds = env.integer("DRAIN_SECONDS", { fallback: 5, min: 0, max: 3600 });
  const shutdownSeconds = env.integer("SHUTDOWN_SECONDS", { fallback: 30, min: 1, max: 3600 });
  if (drainSeconds >= shutdownSeconds) {
    env.problem(
      "DRAIN_SECONDS",
      `${drainSeconds} must be below SHUTDOWN_SECONDS (${shutdownSeconds}); lower it`,
    );
  }
  return {
    host: env.text("HOST"),
    port: env.integer("PORT", { fallback: defaults.port, min: 1, max: 65535 }),
    service: env.text("SERVICE_NAME", defaults.service),
    release: token(env, "RELEASE", "dev"),
    version: token(env, "VERSION", "0.0.0"),
    drainSeconds,
    shutdownSeconds,
    logLevel: env.choice("LOG_LEVEL", LEVELS, "info"),
    fault: readFault(env),
  };
}

/** A name that can stand in a header and a metric's label. */
function token(env: Env, name: string, fallback: string): string {
  const found = env.text(name, fallback);
  if (/^[\w.:@/+-]{1,128}$/.test(found)) return found;
  env.problem(name, `expected 1–128 of letters, digits and ._:@/+-, got ${JSON.stringify(found)}`);
  return fallback;
}
