import type { Series } from "../series.ts";
import { applicationCases } from "./applications.ts";
import { burnCases } from "./burn.ts";
import { containerCases } from "./containers.ts";
import { ownCases } from "./own.ts";
import { serverCases } from "./server.ts";

/** One rule: quiet while all is well, not yet before its time, fires, and ends. Times in seconds from the beginning. */
export interface Case {
  alert: string;
  /** What tells it from other rules of the same name. */
  rule?: Record<string, string>;
  series: Series[];
  /** Labels of the alert beside those of its rule. */
  labels?: Record<string, string>;
  quiet: number;
  /** Just before its duration is over; the same as quiet for one without. */
  early?: number;
  fires: number;
  /** Its figure in words, as the description has it. */
  figure: string;
  resolved: number;
  /** Seconds between two values, where it isn't {@link STEP}. */
  step?: number;
}

export const CASES: readonly Case[] = [
  ...applicationCases,
  ...burnCases,
  ...containerCases,
  ...serverCases,
  ...ownCases,
];
