import type { Answer } from "../lib/verb.ts";
import { columns, duration } from "../lib/columns.ts";
import { UserError } from "../lib/errors.ts";
import { readFigures, type ReleaseFigures } from "../lib/figures.ts";
import { runningOutputs } from "../lib/running.ts";

/** Shows what the traffic switch knows of each release: its weight, what it has answered, how quickly. */
export async function traffic(stackName: string): Promise<Answer> {
  const outputs = await runningOutputs(stackName);
  if (!outputs) throw new UserError(`${stackName} is not up.`, `npm run up -- --stack ${stackName}`);
  const releases = await readFigures(stackName, outputs);
  return { result: { stack: stackName, releases }, text: () => table(releases) };
}

const HEADINGS = [
  "release",
  "weight",
  "state",
  "requests",
  "5xx",
  "errors",
  "restarts",
  "open",
  "mean time",
  "for",
];

/** One line for each release, below their headings. */
export function table(releases: readonly ReleaseFigures[], now = Date.now() / 1000): string {
  const lines = releases.map((one) => [
    one.containers > 1 ? `${one.release} (${one.containers} containers)` : one.release,
    String(one.weight),
    one.state,
    String(one.requests),
    String(one.status["5xx"]),
    String(one.connectErrors + one.responseErrors),
    String(one.restarts),
    String(one.open),
    one.responseMs === null ? "–" : `${Math.round(one.responseMs)} ms`,
    duration(now - one.since),
  ]);
  return columns(HEADINGS, lines, isText);
}

/** Names and states are read from the left, figures from the right. */
const isText = (column: number): boolean => column === 0 || column === 2;
