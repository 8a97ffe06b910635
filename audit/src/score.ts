import { SEVERITIES, type Result, type Severity, type CheckInfo } from "./check.ts";

/** One number for all checks, and how they came out. */
export interface Score {
  /** 0–100; null when no check could be judged. */
  points: number | null;
  /** A+ to F, or – without points. */
  grade: string;
  counts: Record<Result, number>;
  /** Failed checks by severity. */
  failed: Record<Severity, number>;
}

const WEIGHT: Record<Severity, number> = { critical: 10, high: 6, medium: 3, low: 1 };
/** One hole is a hole, however many other walls stand: the worst finding bounds the score. */
const CEILING: Record<Severity, number> = { critical: 40, high: 70, medium: 89, low: 99 };
const GRADES: [number, string][] = [
  [100, "A+"],
  [90, "A"],
  [80, "B"],
  [70, "C"],
  [55, "D"],
  [40, "E"],
];

/**
 * Share of the weights of what passed among what could be judged; what couldn't be checked counts as half a failure.
 * An accepted failure counts for nothing, like a check that doesn't apply.
 */
export function scored(findings: readonly (Pick<CheckInfo, "severity"> & { result: Result })[]): Score {
  const counts = { pass: 0, fail: 0, unknown: 0, skip: 0, accepted: 0 };
  const failed = { low: 0, medium: 0, high: 0, critical: 0 };
  let [good, total] = [0, 0];
  for (const { severity, result } of findings) {
    counts[result]++;
    if (result === "skip" || result === "accepted") continue;
    total += WEIGHT[severity];
    if (result === "pass") good += WEIGHT[severity];
    if (result === "unknown") good += WEIGHT[severity] / 2;
    if (result === "fail") failed[severity]++;
  }
  const worst = [...SEVERITIES].reverse().find((severity) => failed[severity] > 0);
  if (total === 0) return { points: null, grade: "–", counts, failed };
  const share = Math.floor((good / total) * 100);
  const points = Math.min(share, worst ? CEILING[worst] : 100);
  return { points, grade: GRADES.find(([from]) => points >= from)?.[1] ?? "F", counts, failed };
}
