import type { About } from "./about.ts";

/** How bad it is when a check fails. */
export const SEVERITIES = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * `unknown`: it could not be checked; that is never a pass. `skip`: it doesn't apply here, and why. `accepted`: it fails,
 * and the caller has accepted that with a reason.
 */
export type Result = "pass" | "fail" | "unknown" | "skip" | "accepted";

/** What a check says about a server. */
export interface Verdict {
  result: Result;
  /** What was found, in one line; never a secret. */
  found: string;
  /** The figure for the report's tiles, where other tools give one: a grade, a score. */
  figure?: string;
}

export const pass = (found: string): Verdict => ({ result: "pass", found });
export const fail = (found: string): Verdict => ({ result: "fail", found });
export const unknown = (why: string): Verdict => ({
  result: "unknown",
  found: `could not be checked: ${why}`,
});
export const skip = (why: string): Verdict => ({ result: "skip", found: why });

/** Passes when the condition holds; says the same facts either way. */
export const when = (good: boolean, found: string): Verdict => (good ? pass(found) : fail(found));

/** Fails when anything is listed. */
export function none(faults: readonly string[], good: string): Verdict {
  if (faults.length === 0) return pass(good);
  const shown = faults.slice(0, 8).join("; ");
  return fail(faults.length > 8 ? `${shown}; and ${faults.length - 8} more` : shown);
}

/** What is checked, apart from how. */
export interface CheckInfo {
  /** `family.name`; stable: people write it into `--only` and `audit.accept`. */
  id: string;
  title: string;
  severity: Severity;
  /** Ids of requirements, or of a public guide such as `CIS 5.4`. */
  requirements: readonly string[];
  /** What to do when it fails. */
  remedy: string;
}

/** A check of a family; judging is pure, so that a test can show it a broken server. */
export interface Check<Evidence> extends CheckInfo {
  judge(evidence: Evidence, about: About): Verdict;
}

/** What judges the evidence of a family for the check of this id; one that several checks share is made by a function. */
export type Judge<Evidence> = (evidence: Evidence, about: About, id: string) => Verdict;

/** Defines a check: the one way there is. */
export const check = <Evidence>({
  judge,
  ...info
}: CheckInfo & { judge: Judge<Evidence> }): Check<Evidence> => ({
  ...info,
  judge: (evidence, about) => judge(evidence, about, info.id),
});
