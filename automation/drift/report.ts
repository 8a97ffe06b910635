import { structuredPatch } from "diff";
import colors from "picocolors";
import { table } from "../lib/jobs-table.ts";
import type { Drift } from "./drift.ts";
import type { Difference } from "./look.ts";

/** Lines of a file's diff that are shown. */
const SHOWN = 30;

/** What a person sees of a drift. */
export function report({ stack, drifted, resources, extras, unseen, jobs }: Drift): string {
  const results = jobs.length > 0 ? ["", table(jobs)] : [];
  if (!drifted) return [`${stack} is as it was declared.`, ...results].join("\n");
  const count = resources.reduce((sum, { differences }) => sum + differences.length, extras.length);
  return [
    `${stack} has drifted: ${count} ${count === 1 ? "difference" : "differences"}.`,
    ...resources.flatMap(({ name, differences }) => [
      "",
      colors.bold(name),
      ...differences.flatMap(describe),
    ]),
    ...(extras.length > 0 ? ["", colors.bold("not declared")] : []),
    ...extras.map(({ name, kind, network }) =>
      kind === "ours"
        ? `  container ${name}: left over from an update`
        : `  container ${name}: has joined ${network}, the stack's private network`,
    ),
    ...(unseen.length > 0 ? ["", colors.bold("could not be looked at")] : []),
    ...unseen.map(({ name, reason }) => `  ${name}: ${reason.split("\n").slice(0, 3).join(" ")}`),
    "",
    `Repair it: npm run up -- --stack ${stack}`,
    ...results,
  ].join("\n");
}

/** A drift as `--json` prints it: nothing that a secret is in, and diffs of files. */
export function machineReport({ stack, drifted, resources, extras, unseen, jobs }: Drift): object {
  return {
    stack,
    drifted,
    resources: resources.map(({ urn, name, differences }) => ({
      urn,
      name,
      differences: differences.map((one) =>
        isText(one)
          ? { thing: one.thing, aspect: one.aspect, diff: textDiff(one) }
          : { ...one, ...(one.concealed ? { declared: null, found: null } : {}) },
      ),
    })),
    extras: extras.map(({ name, kind, network }) => ({ name, kind, network })),
    unseen,
    jobs,
  };
}

/** One line: what differs and by how much. */
export function line({ thing, aspect, declared, found, concealed }: Difference): string {
  if (aspect === "presence")
    return [thing, found === null ? "missing" : "not declared"].filter(Boolean).join(": ");
  const subject = [thing, aspect].filter(Boolean).join(" ");
  if (concealed || aspect === "content") return `${subject}: differs`;
  if (declared === null) return `${subject}: ${found}, not declared`;
  return `${subject}: ${declared} → ${found ?? "missing"}`;
}

function describe(difference: Difference): string[] {
  return [`  ${line(difference)}`, ...(isText(difference) ? textDiff(difference).map(paint) : [])];
}

function isText({ aspect, declared, found, concealed }: Difference): boolean {
  return aspect === "content" && !concealed && typeof declared === "string" && typeof found === "string";
}

/** A unified diff from the declared text to the found one, without its head. */
function textDiff({ declared, found }: Difference): string[] {
  const { hunks } = structuredPatch("", "", String(declared), String(found), "", "", { context: 1 });
  const lines = hunks.flatMap(({ lines: changed, oldStart }) => [`@@ line ${oldStart}`, ...changed]);
  return lines.length > SHOWN ? [...lines.slice(0, SHOWN), `… ${lines.length - SHOWN} more lines`] : lines;
}

function paint(text: string): string {
  const color = text.startsWith("-") ? colors.red : text.startsWith("+") ? colors.green : colors.dim;
  return `    ${color(text)}`;
}
