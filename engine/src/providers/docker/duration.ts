import type { Value } from "../contract.ts";

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Nanoseconds of a duration such as "1m30s"; undefined where there is none. */
export function nanoseconds(value: Value | undefined): number | undefined {
  if (typeof value !== "string") return undefined;
  const parts = value.matchAll(/([0-9]*\.?[0-9]+)(ns|us|µs|ms|s|m|h)/g);
  return [...parts].reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit!]!, 0);
}

/**
 * A duration as Go prints it, and so as the official provider records it: "1m0s" for a minute, whatever
 * the program wrote.
 */
export function goDuration(ns: number | undefined): string {
  if (!ns) return "0s";
  if (ns < 1e9) {
    const [unit, size] = ns < 1e3 ? ["ns", 1] : ns < 1e6 ? ["µs", 1e3] : ["ms", 1e6];
    return `${ns / (size as number)}${unit}`;
  }
  const hours = Math.floor(ns / 3600e9);
  const minutes = Math.floor((ns % 3600e9) / 60e9);
  const seconds = (ns % 60e9) / 1e9;
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${seconds}s`;
}
