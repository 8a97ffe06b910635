import { writeFileSync } from "node:fs";
import colors from "picocolors";
import { UserError } from "../errors.ts";
import { audit, exitCode, type AuditResult } from "./audit.ts";
import { SEVERITIES, type Severity } from "./check.ts";
import { unknownIds } from "./ids.ts";
import { page } from "./report/html.ts";
import { table } from "./report/table.ts";
import { stackTarget, urlTarget } from "./target.ts";

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
    throw new UserError(`--only: there is no check ${wrong.join(", ")}.`, "docs/audit.md lists them all.");
  }
  const target = options.url ? urlTarget(options.url, options) : await stackTarget(options.stack);
  const result = await audit(target, options, progress(options.json));
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

/** What is going on, on one line of the terminal; nothing elsewhere. */
function progress(json: boolean): (line: string) => void {
  if (json || !process.stderr.isTTY) return () => undefined;
  return (line) => process.stderr.write(`\r\x1b[2K${colors.dim(line)}`);
}
