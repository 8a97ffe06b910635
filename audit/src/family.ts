import type { About } from "./about.ts";
import type { Check } from "./check.ts";
import type { Answers, Request } from "./inside/look.ts";
import type { Target } from "./target.ts";

/** Checks that share their evidence. */
interface Checks<Evidence> {
  title: string;
  checks: readonly Check<Evidence>[];
}

/** Evidence from outside: connections like a visitor's or an attacker's. */
export interface Outside<Evidence> extends Checks<Evidence> {
  readonly where: "outside";
  /** It may trip limits or take long; it runs last, and `--skip-intrusive` leaves it out. */
  intrusive?: boolean;
  gather(target: Target, say: (line: string) => void): Promise<Evidence>;
}

/** Evidence from inside: read-only questions, all asked in one connection. */
export interface Inside<Evidence> extends Checks<Evidence> {
  readonly where: "inside";
  ask(about: About): Record<string, Request>;
  /** @throws Unavailable when an answer is missing, which makes the family's checks `unknown` */
  read(answers: Answers, about: About): Evidence;
}

/** A family whose kind of evidence only it knows: what it gathers or reads goes to its own checks. */
export type Family = Outside<unknown> | Inside<unknown>;

export const outside = <Evidence>(family: Omit<Outside<Evidence>, "where">): Outside<Evidence> => ({
  where: "outside",
  ...family,
});

export const inside = <Evidence>(family: Omit<Inside<Evidence>, "where">): Inside<Evidence> => ({
  where: "inside",
  ...family,
});
