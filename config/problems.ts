import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { leftOver } from "./values.ts";

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** Where, as the stack file spells it: `apps.api.port`. */
  path: string;
  /** What was expected, and what was found. */
  message: string;
  /** What to do. */
  remedy: string;
}

/** Every problem of a stack file at once; thrown before anything changes. */
export class ConfigError extends pulumi.RunError {
  constructor(
    readonly stackName: string,
    readonly problems: readonly Problem[],
  ) {
    super(describe(stackName, problems));
    this.name = "ConfigError";
  }
}

function describe(stack: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const rows = problems.map(({ path, message, remedy }) => `  ${path}: ${message}\n      ${remedy}`);
  return `Pulumi.${stack}.yaml has ${count}; nothing was changed.\n${rows.join("\n")}`;
}

/** Where the name of a secret is expected, and a hand may have put the secret itself. */
const SECRET = /(^|\.)secrets([.[]|$)|\.password$|\.auth(\.users(\.|$)|$)/;
const HIDDEN = "something else, which may be a secret and isn't shown";

/** Turns what zod found into problems; `keys` gives the known keys at a path, for the remedy of an unknown one. */
export function fromIssues(
  stack: string,
  issues: readonly z.core.$ZodIssue[],
  keys: (path: PropertyKey[]) => string[],
): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey(stack, [...issue.path, key], keys(issue.path)));
    }
    const meant = branchOf(issue);
    if (meant) return fromIssues(stack, meant, keys);
    const path = join(issue.path);
    const found = issue.input === undefined ? "nothing" : SECRET.test(path) ? HIDDEN : show(issue.input);
    const what = issue.input === undefined ? "Set" : "Correct";
    const shell = typeof issue.input === "string" && leftOver(issue.input);
    const hint = shell ? ` Nothing fills in ${shell}: write the value itself.` : "";
    return [
      {
        path,
        message: `expected ${expected(issue)}, found ${found}`,
        remedy: `${what} ${path} in Pulumi.${stack}.yaml (docs/configuration.md).${hint}`,
      },
    ];
  });
}

/** Where one of several forms is allowed and one of them was begun: what is wrong with that one. */
function branchOf(issue: z.core.$ZodIssue): z.core.$ZodIssue[] | undefined {
  if (issue.code !== "invalid_union" || issue.message !== "Invalid input") return undefined;
  const begun = issue.errors.find((branch) =>
    branch.every(({ code, path }) => code === "unrecognized_keys" || path.length > 0),
  );
  return begun?.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

function unknownKey(stack: string, path: PropertyKey[], known: string[]): Problem {
  const near = nearest(String(path.at(-1)), known);
  const hint = near ? `Did you mean "${near}"?` : `Known here: ${known.join(", ")}.`;
  return {
    path: join(path),
    message: "unknown setting",
    remedy: `${hint} Correct or remove it in Pulumi.${stack}.yaml.`,
  };
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (!issue.message.startsWith("Invalid input")) return issue.message;
      return (
        { object: "a group of settings", record: "names with settings", array: "a list" }[
          issue.expected as string
        ] ?? `a ${issue.expected}`
      );
    case "too_small":
      return `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_key":
      return issue.issues.map(({ message }) => message).join(", ");
    case "invalid_union":
      return issue.message === "Invalid input"
        ? issue.errors.flat().map(expected).join(", or ")
        : issue.message;
    default:
      return issue.message;
  }
}

/** A value as an error may show it: short, and never a whole document. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** `["apps", "api", "ports", 0]` → `apps.api.ports[0]`. */
export function join(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index ? "." : ""}${String(part)}`))
    .join("");
}

/** The known name that is at most two edits away (Levenshtein distance), if any. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((other) => ({
    other,
    distance: distance(name.toLowerCase(), other.toLowerCase()),
  }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= 2 ? best.other : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
