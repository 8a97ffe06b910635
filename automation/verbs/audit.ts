import { closeSync, openSync, writeFileSync } from "node:fs";
import colors from "picocolors";
import {
  audit,
  exitCode,
  ids,
  page,
  SEVERITIES,
  table,
  unknownIds,
  type AuditResult,
  type Severity,
} from "../../audit/src/index.ts";
import { nearest } from "../../config/problems.ts";
import { UserError } from "../lib/errors.ts";
import { alive, during } from "../lib/heartbeat.ts";
import { stopIfInterrupted } from "../lib/interrupt.ts";
import { stackTarget, urlTarget } from "../lib/audit-target.ts";

/** Options of `npm run audit`. */
export interface AuditCommand {
  stack: string;
  json: boolean;
  url?: string;
  address?: string;
  ssh?: string;
  html?: string;
  only?: string[];
  skipIntrusive: boolean;
  failOn: string;
}

/**
 * The audit as a person starts it.
 * @throws UserError for a wrong option, and when there is no such server
 */
export async function auditCommand(
  options: AuditCommand,
): Promise<{ result: AuditResult; text: string; code: number }> {
  const threshold = severity(options.failOn);
  const wrong = unknownIds(options.only ?? []);
  if (wrong.length > 0) {
    const near = nearest(wrong[0]!, ids());
    throw new UserError(
      `--only: there is no check ${wrong.join(", ")}.`,
      near === undefined
        ? "docs/audit.md lists them all."
        : `Did you mean "${near}"? docs/audit.md lists them all.`,
    );
  }
  const lost = (["address", "ssh"] as const).filter((name) => options[name] && !options.url);
  if (lost.length > 0) {
    throw new UserError(
      `Without --url there is no place for ${lost.map((name) => `--${name}`).join(" and ")}: a stack knows its own server.`,
      "Add --url, or leave them out.",
    );
  }
  // Minutes of looking aren't lost to a page that can't be written.
  if (options.html) writable(options.html);
  const { target, accept } = options.url
    ? { target: urlTarget(options.url, options), accept: {} }
    : await stackTarget(options.stack);
  const show = progress(options.json);
  let words = "audit";
  const say = (line: string): void => {
    alive();
    words = line;
    show(line);
  };
  const result = await during(
    () => words,
    () => audit(target, { ...options, accept, proceed: stopIfInterrupted }, say),
  ).finally(() => show(""));
  if (options.html) writeFileSync(options.html, page(result));
  const code = exitCode(result, threshold);
  return { result, text: table(result, { threshold, html: options.html }), code };
}

function severity(text: string): Severity {
  const found = SEVERITIES.find((one) => one === text);
  if (!found) {
    throw new UserError(`--fail-on expects ${SEVERITIES.join(", ")}, found "${text}".`, "Correct it.");
  }
  return found;
}

/** @throws UserError when there can't be a file of that name */
function writable(file: string): void {
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    throw new UserError(
      `--html: ${(error as Error).message}`,
      "Name a file in a folder that is there and may be written.",
    );
  }
}

/** What is going on, on one line of the terminal; nothing elsewhere. */
function progress(json: boolean): (line: string) => void {
  if (json || !process.stderr.isTTY) return () => undefined;
  return (line) => process.stderr.write(`\r\x1b[2K${colors.dim(line)}`);
}
