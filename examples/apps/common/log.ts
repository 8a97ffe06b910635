import { destination, pino, stdTimeFunctions, type Logger } from "pino";
import { scrubber } from "./scrub.ts";

/** Levels that `LOG_LEVEL` may name, least to most silent. */
export const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type Level = (typeof LEVELS)[number];

/** What a log needs to know about its process. */
export interface LogOptions {
  level: Level;
  /** Fields of every line, such as `service` and `release`. */
  base: Record<string, string>;
  /** Values that no line may contain. */
  secrets: string[];
}

/**
 * A log of JSON lines on stdout (requirement A21). Every finished line passes the scrubber, so a secret can't
 * slip through in a field or an error text that was overlooked.
 */
export function openLog({ level, base, secrets }: LogOptions): Logger {
  return pino(
    {
      level,
      base,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: scrubber(secrets) },
    },
    destination({ fd: 1, sync: true }),
  );
}

export type { Logger };
