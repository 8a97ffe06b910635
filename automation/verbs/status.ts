import { setTimeout as sleep } from "node:timers/promises";
import { explain, UserError } from "../lib/errors.ts";
import { readOutputs } from "../lib/outputs.ts";
import type { Answer } from "../lib/verb.ts";
import { openStack } from "../lib/workspace.ts";
import { lastChange, statusOfStack, type StackStatus } from "../status/status.ts";
import { screen } from "../status/text.ts";

/** Shows what a person asks first; the exit code is 1 when something should be looked at. */
export async function status(stackName: string): Promise<Answer> {
  const found = await (await looking(stackName))();
  return { result: found, text: () => screen(found), code: codeOf(found) };
}

/** Columns and lines are those of the terminal; elsewhere one screen follows the other. */
const CLEAR = "\u001b[H\u001b[2J";

/**
 * The same again and again until Ctrl-C: at a terminal in place, with `json` a line each.
 * @param seconds from the end of one look to the next
 * @returns what the last look's exit code would be
 */
export async function watchStatus(
  { stack, seconds, json }: { stack: string; seconds: number; json: boolean },
  signal: AbortSignal,
): Promise<number> {
  const look = await looking(stack);
  let code = 0;
  while (!signal.aborted) {
    const round = await look().then(shown(json), (error: unknown) => lost(error, json));
    if (signal.aborted) break;
    process.stdout.write(`${process.stdout.isTTY && !json ? CLEAR : ""}${round.text}\n`);
    code = round.code;
    await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
  }
  return code;
}

const shown =
  (json: boolean) =>
  (found: StackStatus): { text: string; code: number } => ({
    text: json ? JSON.stringify(found) : screen(found),
    code: codeOf(found),
  });

/** A server that is out of reach for a while comes back. */
function lost(error: unknown, json: boolean): { text: string; code: number } {
  const { message, remedy } = explain(error);
  return { text: json ? JSON.stringify({ error: { message, remedy } }) : `${message}\n${remedy}`, code: 2 };
}

const codeOf = ({ findings }: StackStatus): number => (findings.length > 0 ? 1 : 0);

/** A look at a stack that is up: what only an update changes is asked once. */
async function looking(stackName: string): Promise<() => Promise<StackStatus>> {
  const stack = await openStack(stackName);
  const [map, change] = await Promise.all([stack.outputs(), lastChange(stack)]);
  const outputs = readOutputs(map);
  if (!outputs) throw new UserError(`${stackName} is not up.`, `npm run up -- --stack ${stackName}`);
  return () => statusOfStack(stackName, outputs, change);
}
