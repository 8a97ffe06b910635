import colors from "picocolors";
import type { AuditResult, Finding } from "../audit.ts";
import { SEVERITIES, type Result, type Severity } from "../check.ts";

export const MARK: Record<Result, string> = { pass: "✓", fail: "✗", unknown: "?", skip: "–", accepted: "≈" };
const PAINT: Record<Result, (text: string) => string> = {
  pass: colors.green,
  fail: colors.red,
  unknown: colors.yellow,
  skip: colors.dim,
  accepted: colors.cyan,
};
const GRAVITY: Record<Severity, (text: string) => string> = {
  critical: (text) => colors.bold(colors.red(text)),
  high: colors.red,
  medium: colors.yellow,
  low: colors.dim,
};

/** The audit for a terminal: every check on a line, then what to do about what failed. */
export function table(
  result: AuditResult,
  { threshold, html }: { threshold: Severity; html?: string },
): string {
  const width = Math.max(...result.findings.map(({ id }) => id.length), 2);
  const rows = groups(result.findings).flatMap(([title, findings]) => [
    "",
    colors.bold(title),
    ...findings.map((one) => row(one, width)),
  ]);
  const todo = worst(result.findings).map(
    ({ id, severity, remedy, result: state, found }) =>
      `  ${MARK[state]} ${GRAVITY[severity](severity.padEnd(8))} ${id}: ${state === "fail" ? remedy : found}`,
  );
  return [
    `Audit of ${result.target}`,
    ...rows,
    "",
    ...(todo.length > 0 ? [colors.bold("What to do"), ...todo, ""] : []),
    summary(result, threshold),
    ...(html ? [`  page     ${html}`] : []),
  ].join("\n");
}

function row(finding: Finding, width: number): string {
  const { id, title, severity, result, found } = finding;
  const head = `  ${PAINT[result](MARK[result])} ${GRAVITY[severity](severity.padEnd(8))} ${id.padEnd(width)}  ${title}`;
  const below = [shorten(found), acceptance(finding)].filter(Boolean);
  return [head, ...below.map((text) => `    ${" ".repeat(9 + width)}  ${colors.dim(text)}`)].join("\n");
}

/** Why a failure is accepted; or that nothing fails any more. Empty for a check that nothing accepts. */
export function acceptance({ accepted, result }: Finding): string {
  if (accepted === undefined) return "";
  return result === "pass"
    ? "passes: its entry under audit.accept is no longer needed"
    : `accepted: ${accepted}`;
}

const shorten = (text: string): string => (text.length > 160 ? `${text.slice(0, 159)}…` : text);

/** Findings by the title of their family, in order. */
export function groups(findings: readonly Finding[]): [string, Finding[]][] {
  const found = new Map<string, Finding[]>();
  for (const one of findings) found.set(one.family, [...(found.get(one.family) ?? []), one]);
  return [...found];
}

/** What failed or could not be checked, the gravest first. */
export function worst(findings: readonly Finding[]): Finding[] {
  const bad = findings.filter(({ result }) => result === "fail" || result === "unknown");
  const rank = ({ severity, result }: Finding): number =>
    SEVERITIES.indexOf(severity) * 2 + (result === "fail" ? 1 : 0);
  return [...bad].sort((a, b) => rank(b) - rank(a));
}

/** The score in a line: `100 of 100 (A+)`. */
export function scoreText({ points, grade }: AuditResult["score"]): string {
  return points === null ? "none: no check applies" : `${points} of 100 (${grade})`;
}

function summary({ score, seconds }: AuditResult, threshold: Severity): string {
  const { pass, fail, unknown, skip, accepted } = score.counts;
  const failed = SEVERITIES.filter((severity) => score.failed[severity] > 0).reverse();
  const by = failed.map((severity) => `${score.failed[severity]} ${severity}`).join(", ");
  return [
    `  score    ${colors.bold(scoreText(score))}`,
    `  checks   ${pass} passed, ${fail} failed${by ? ` (${by})` : ""}, ${unknown} could not be checked, ${skip} don't apply${accepted > 0 ? `, ${accepted} accepted` : ""}`,
    `  time     ${seconds.toFixed(0)} s; exit code 1 from ${threshold} upwards`,
  ].join("\n");
}
