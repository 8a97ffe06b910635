import { SEVERITIES, skip, unknown, type CheckInfo, type Severity, type Verdict } from "./check.ts";
import type { AnyFamily } from "./family.ts";
import { FAMILIES } from "./families/index.ts";
import { maybe, type Answers, type Request } from "./inside/look.ts";
import { scored, type Score } from "./score.ts";
import type { Target } from "./target.ts";

/** One line of the report. */
export interface Finding extends CheckInfo, Verdict {
  family: string;
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

/** What to leave out. */
export interface AuditOptions {
  /** Ids, or beginnings of ids: `tls`, `docker.5.4`. */
  only?: readonly string[];
  skipIntrusive?: boolean;
  /** Called before each group of checks from outside; what it throws ends the audit. */
  proceed?: () => void;
}

type Say = (line: string) => void;

/** Runs every check against a server: first what is seen from inside, then from outside, the intrusive ones last. */
export async function audit(target: Target, options: AuditOptions, say: Say): Promise<AuditResult> {
  const started = Date.now();
  const chosen = FAMILIES.map((family) => ({
    ...family,
    checks: family.checks.filter(({ id }) => isChosen(id, options.only)),
  })).filter(({ checks }) => checks.length > 0);
  const findings = new Map<AnyFamily, Finding[]>();
  const inside = chosen.filter(({ source }) => source.where === "inside");
  const outside = chosen.filter(({ source }) => source.where === "outside");
  const intrusive = outside.filter(({ source }) => source.where === "outside" && source.intrusive);
  const answers = await askAll(target, inside, intrusive.length > 0 && !options.skipIntrusive, say);
  for (const family of inside) findings.set(family, fromInside(family, answers, target));
  const reached = { ...target, scan: target.scan ?? scanAddresses(target, answers) };
  const look = (family: AnyFamily): Promise<Finding[]> => {
    options.proceed?.();
    return fromOutside(family, reached, say);
  };
  for (const family of outside.filter((one) => !intrusive.includes(one)))
    findings.set(family, await look(family));
  for (const family of intrusive)
    findings.set(
      family,
      options.skipIntrusive ? all(family, skip("left out by --skip-intrusive")) : await look(family),
    );
  const list = chosen.flatMap((family) => findings.get(family) ?? []);
  return {
    target: target.about.url,
    at: new Date(started).toISOString(),
    seconds: (Date.now() - started) / 1000,
    findings: list,
    score: scored(list),
  };
}

export function isChosen(id: string, only: readonly string[] | undefined): boolean {
  return !only || only.length === 0 || only.some((one) => id === one || id.startsWith(`${one}.`));
}

const all = (family: AnyFamily, verdict: Verdict): Finding[] =>
  family.checks.map(({ judge: _, ...info }) => ({ ...info, ...verdict, family: family.title }));

/** One connection for all questions; why there are no answers is told in each check. */
async function askAll(
  target: Target,
  families: AnyFamily[],
  scan: boolean,
  say: Say,
): Promise<Answers | string> {
  if (!target.ask) return "no way to log in was given (--ssh)";
  const questions: Record<string, Request> = {};
  for (const { title, source } of families) {
    if (source.where !== "inside") continue;
    for (const [name, request] of Object.entries(source.ask(target.about)))
      questions[`${title}/${name}`] = withSecrets(request, target);
  }
  if (scan && target.about.box) questions.addresses = { run: ["ip", "-j", "route", "get", "192.0.2.1"] };
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

function fromInside(family: AnyFamily, answers: Answers | string, { about }: Target): Finding[] {
  if (typeof answers === "string") return all(family, unknown(answers));
  const own = Object.fromEntries(
    Object.entries(answers)
      .filter(([name]) => name.startsWith(`${family.title}/`))
      .map(([name, answer]) => [name.slice(family.title.length + 1), answer]),
  );
  try {
    if (family.source.where !== "inside") throw new Error("not asked from inside");
    return judged(family, family.source.read(own, about), about);
  } catch (error) {
    return all(family, unknown((error as Error).message));
  }
}

async function fromOutside(family: AnyFamily, target: Target, say: Say): Promise<Finding[]> {
  say(family.title);
  try {
    if (family.source.where !== "outside") throw new Error("not asked from outside");
    return judged(family, await family.source.gather(target, say), target.about);
  } catch (error) {
    return all(family, unknown(causeOf(error)));
  }
}

/** Several addresses that all fail come as one error without words. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((one: Error) => one.message).join("; ");
  return (error as Error).message || String(error);
}

function judged(family: AnyFamily, evidence: unknown, about: Target["about"]): Finding[] {
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

/** A box is scanned at its own address: what its loopback ports lead to is chosen, not open. */
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
