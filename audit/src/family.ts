import type { About, Check, CheckInfo, Verdict } from "./check.ts";
import type { Answers, Request } from "./inside/look.ts";
import type { Target } from "./target.ts";

/** Evidence from outside: connections like a visitor's or an attacker's. */
export interface Outside<Evidence> {
  where: "outside";
  /** It may trip limits or take long; it runs last, and `--skip-intrusive` leaves it out. */
  intrusive?: boolean;
  gather(target: Target, say: (line: string) => void): Promise<Evidence>;
}

/** Evidence from inside: read-only questions, all asked in one connection. */
export interface Inside<Evidence> {
  where: "inside";
  ask(about: About): Record<string, Request>;
  /** @throws Unavailable when an answer is missing, which makes the family's checks `unknown` */
  read(answers: Answers, about: About): Evidence;
}

/** Checks that share their evidence. */
export interface Family<Evidence = unknown> {
  title: string;
  source: Outside<Evidence> | Inside<Evidence>;
  checks: readonly Check<Evidence>[];
}

/** A family whose kind of evidence only it knows. */
export interface AnyFamily extends Omit<Family, "checks"> {
  checks: readonly (CheckInfo & { judge(evidence: unknown, about: About): Verdict })[];
}

/** Makes a family; what its source gathers is what its checks judge. */
export function family<Evidence>(parts: Family<Evidence>): AnyFamily {
  return parts as unknown as AnyFamily;
}
