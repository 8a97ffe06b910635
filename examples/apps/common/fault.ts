import type { Env } from "./env.ts";
import type { Logger } from "./log.ts";

/** Faults that a release can have on purpose, so that probes, gates and rollbacks can be tried on real ones. */
export interface Fault {
  /** `/health` answers 503. */
  unhealthy?: boolean;
  /** The process ends with exit code 1 shortly after its start. */
  crash?: boolean;
  /** `/health/deep` reports the database as down. */
  deep?: boolean;
  /** Percent of the requests under `/api/` that are answered with 500. */
  errors?: number;
  /** Milliseconds that each request under `/api/` waits first. */
  slow?: number;
}

const FORMS = "unhealthy, crash, deep, errors:PERCENT (1–100), slow:MS (1–60000), or several with commas";

/**
 * Reads the faults that a release should have, e.g. `deep,errors:30`.
 * A bad value goes to the environment's problems.
 */
export function readFault(env: Env): Fault {
  const fault = parseFault(env.text("FAULT", ""));
  if (typeof fault !== "string") return fault;
  env.problem("FAULT", fault);
  return {};
}

/** Parses the text of `FAULT`; a text as the result says what is wrong. */
export function parseFault(text: string): Fault | string {
  const fault: Fault = {};
  for (const part of text.split(",").filter(Boolean)) {
    const [, name, digits] = /^([a-z]+)(?::(\d+))?$/.exec(part) ?? [];
    const amount = Number(digits);
    if (name === "errors" && amount >= 1 && amount <= 100) fault.errors = amount;
    else if (name === "slow" && amount >= 1 && amount <= 60_000) fault.slow = amount;
    else if ((name === "unhealthy" || name === "crash" || name === "deep") && !digits) fault[name] = true;
    else return `expected ${FORMS}; got ${JSON.stringify(part)}`;
  }
  return fault;
}

/**
 * Says for each request whether it is one of the failing ones: exactly `percent` of 100 in a row, evenly
 * spread, so that a test with few requests sees the same share as one with many.
 */
export function failing(percent: number): () => boolean {
  let sum = 0;
  return () => {
    sum += percent;
    if (sum < 100) return false;
    sum -= 100;
    return true;
  };
}

/** How long a release with `FAULT=crash` lives, in milliseconds: long enough to look started. */
const CRASH_MS = 300;

/** Ends the process as a broken release would: after the port is open, with a last line in the log. */
export function crashSoon(log: Logger): void {
  setTimeout(() => {
    log.fatal("this release crashes on purpose (FAULT=crash)");
    process.exit(1);
  }, CRASH_MS);
}
