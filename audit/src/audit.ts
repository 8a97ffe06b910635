import { SEVERITIES, skip, unknown, type CheckInfo, type Severity, type Verdict } from "./check.ts";
import type { Family, Inside, Outside } from "./family.ts";
import { maybe, type Answers, type Request } from "./inside/look.ts";
import { FAMILIES, isChosen } from "./registry.ts";
import { scored, type Score } from "./score.ts";
import type { Target } from "./target.ts";

/** One line of the report. */
export interface Finding extends CheckInfo, Verdict {
  family: string;
  /** Why a failure of this check is accepted; set for a check that passes too. */
  accepted?: string;
}

/** What an audit found; printed as a table, as JSON, or as a page. */
export interface AuditResult {
  target: string;
  /** ISO 8601. */
  at: string;
  seconds: number;
  findings: Finding[];
  score: Score;
}

/** How to look. */
export interface AuditOptions {
  /** Ids, or beginnings of ids: `tls`, `docker.5.4`. */
  only?: readonly string[];
  skipIntrusive?: boolean;
  /** Failures that are accepted: id of the check → reason. They count for neither the score nor the exit code. */
  accept?: Readonly<Record<string, string>>;
  /** Called before each group of checks from outside; what it throws ends the audit. */
  proceed?: () => void;
}

type Say = (line: string) => void;

/** Runs every check against a server: first what is seen from inside, then from outside, the intrusive ones last. */
export async function audit(target: Target, options: AuditOptions, say: Say): Promise<AuditResult> {
  const started = Date.now();
  const chosen = FAMILIES.map((family) => chosenOf(family, options.only)).filter(
    ({ checks }) => checks.length > 0,
  );
  const inside = chosen.filter((family) => family.where === "inside");
  const outside = chosen.filter((family) => family.where === "outside");
  const scans = !options.skipIntrusive && outside.some(({ intrusive }) => intrusive);
  const answers = await askAll(target, inside, scans, say);
  const reached = { ...target, scan: target.scan ?? scanAddresses(target, answers) };
  const findings = new Map<Family, Finding[]>();
  for (const family of inside) findings.set(family, fromInside(family, answers, target));
  for (const family of [...outside].sort((a, b) => Number(!!a.intrusive) - Number(!!b.intrusive))) {
    if (family.intrusive && options.skipIntrusive) {
      findings.set(family, same(family, skip("left out by --skip-intrusive")));
      continue;
    }
    options.proceed?.();
    findings.set(family, await fromOutside(family, reached, say));
  }
  const list = chosen
    .flatMap((family) => findings.get(family) ?? [])
    .map((finding) => accepted(finding, options.accept ?? {}));
  return {
    target: target.about.url,
    at: new Date(started).toISOString(),
    seconds: (Date.now() - started) / 1000,
    findings: list,
    score: scored(list),
  };
}

function chosenOf(family: Family, only: readonly string[] | undefined): Family {
  return { ...family, checks: family.checks.filter(({ id }) => isChosen(id, only)) };
}

/** What could not be checked stays so: a reason can't accept what has not been seen. */
function accepted(finding: Finding, reasons: Readonly<Record<string, string>>): Finding {
  const reason = reasons[finding.id];
  if (reason === undefined) return finding;
  return { ...finding, accepted: reason, result: finding.result === "fail" ? "accepted" : finding.result };
}

/** The same verdict for every check of a family. */
const same = (family: Family, verdict: Verdict): Finding[] =>
  family.checks.map(({ judge: _, ...info }) => ({ ...info, ...verdict, family: family.title }));

/** One connection for all questions; each check says why there are no answers. */
async function askAll(
  target: Target,
  families: Inside<unknown>[],
  scans: boolean,
  say: Say,
): Promise<Answers | string> {
  if (!target.ask) return "no way to log in was given (--ssh)";
  const questions: Record<string, Request> = {};
  for (const family of families)
    for (const [name, request] of Object.entries(family.ask(target.about)))
      questions[`${family.title}/${name}`] = withSecrets(request, target);
  if (scans && target.about.box) questions.addresses = { run: ["ip", "-j", "route", "get", "192.0.2.1"] };
  if (Object.keys(questions).length === 0) return {};
  say("asking the server");
  try {
    return await target.ask(questions);
  } catch (error) {
    return (error as Error).message;
  }
}

/** The values of the secrets are put in at the last moment, and nowhere else. */
function withSecrets(request: Request, { secrets }: Target): Request {
  return "search" in request ? { search: { ...request.search, secrets } } : request;
}

function fromInside(family: Inside<unknown>, answers: Answers | string, { about }: Target): Finding[] {
  if (typeof answers === "string") return same(family, unknown(answers));
  const own = Object.fromEntries(
    Object.entries(answers)
      .filter(([name]) => name.startsWith(`${family.title}/`))
      .map(([name, answer]) => [name.slice(family.title.length + 1), answer]),
  );
  try {
    return judged(family, family.read(own, about), about);
  } catch (error) {
    return same(family, unknown((error as Error).message));
  }
}

async function fromOutside(family: Outside<unknown>, target: Target, say: Say): Promise<Finding[]> {
  say(family.title);
  try {
    return judged(family, await family.gather(target, say), target.about);
  } catch (error) {
    return same(family, unknown(causeOf(error)));
  }
}

/** Several addresses that all fail come as one error without words. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((one: Error) => one.message).join("; ");
  return (error as Error).message || String(error);
}

function judged(family: Family, evidence: unknown, about: Target["about"]): Finding[] {
  return family.checks.map(({ judge, ...info }) => {
    let verdict: Verdict;
    try {
      verdict = judge(evidence, about);
    } catch (error) {
      verdict = unknown((error as Error).message);
    }
    return { ...info, ...verdict, family: family.title };
  });
}

/** A box is scanned at its own address: the stack file chooses its ports on the loopback. */
function scanAddresses({ about }: Target, answers: Answers | string): string[] | undefined {
  if (!about.box || typeof answers === "string") return undefined;
  const routes = JSON.parse(maybe(answers, "addresses") ?? "[]") as { prefsrc?: string }[];
  return routes.flatMap(({ prefsrc }) => prefsrc ?? []);
}

/** 0 nothing at or above the threshold, 1 a finding there, 2 something there could not be checked. */
export function exitCode({ findings }: AuditResult, threshold: Severity): 0 | 1 | 2 {
  const counts = (severity: Severity): boolean =>
    SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
  const grave = findings.filter(({ severity }) => counts(severity));
  if (grave.some(({ result }) => result === "fail")) return 1;
  return grave.some(({ result }) => result === "unknown") ? 2 : 0;
}
