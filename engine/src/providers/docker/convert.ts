import { setTimeout as sleep } from "node:timers/promises";
import type { Props, Value } from "../contract.ts";
import { isProps } from "../bridge/values.ts";

/** Readers of properties on their way to the engine's API; absent and null give undefined. */
export const str = (value: Value | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
export const int = (value: Value | undefined): number | undefined =>
  typeof value === "number" && value !== 0 ? value : undefined;
export const strs = (value: Value | undefined): string[] | undefined =>
  Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
export const items = (value: Value | undefined): Props[] =>
  Array.isArray(value) ? value.filter(isProps) : [];
export const dict = (value: Value | undefined): Record<string, string> | undefined =>
  isProps(value) && Object.keys(value).length > 0
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, String(member)]))
    : undefined;

/** `[{label, value}]` as the engine's map. */
export const labelMap = (value: Value | undefined): Record<string, string> =>
  Object.fromEntries(items(value).map((item) => [String(item["label"]), String(item["value"])]));
/** The engine's map as `[{label, value}]`, sorted by label. */
export const labelList = (labels: Record<string, string> | null | undefined): Props[] =>
  Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));

/** Repeats `attempt` every `everyMs` until it returns true, for `seconds`. @returns whether it did */
export async function until(
  attempt: () => Promise<boolean>,
  seconds: number,
  signal: AbortSignal,
  everyMs = 250,
): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  while (!(await attempt())) {
    if (Date.now() >= end) return false;
    await sleep(everyMs, undefined, { signal });
  }
  return true;
}
