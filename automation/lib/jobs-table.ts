import { columns, duration } from "./columns.ts";
import { hasFailed, type JobStatus } from "./jobs.ts";

const HEADINGS = ["job", "last result", "ended", "took", "next run", "schedule", "release"];

/** One line for each job, and below them the last words of those that failed. */
export function table(found: readonly JobStatus[], now = Date.now() / 1000): string {
  if (found.length === 0) return "No jobs are declared.";
  const lines = found.map((one) => [
    `${one.app}/${one.job}`,
    stateOf(one, now),
    one.result?.ended === undefined ? "–" : `${duration(now - one.result.ended)} ago`,
    one.result?.seconds === undefined ? "–" : duration(one.result.seconds),
    one.next === null ? "timer is off" : `in ${duration(one.next - now)}`,
    one.calendars.join(", "),
    one.result?.release ?? one.release,
  ]);
  const failed = found.filter((one) => hasFailed(one) && one.result!.lines.length > 0);
  const quotes = failed.flatMap(({ app, job, result }) => [
    "",
    `Last lines of ${app}/${job}:`,
    ...result!.lines.map((line) => `  ${line}`),
  ]);
  return [columns(HEADINGS, lines, (column) => column !== 3), ...quotes].join("\n");
}

function stateOf({ result, running }: JobStatus, now: number): string {
  if (!result) return "has not run yet";
  if (running) return `runs for ${duration(now - result.started)}`;
  const tries = (result.tries ?? 1) > 1 ? ` (${result.tries} tries)` : "";
  return `${result.state}${result.words === undefined ? "" : `: ${result.words.split("\n")[0]}`}${tries}`;
}
