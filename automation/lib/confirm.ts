import { createInterface } from "node:readline/promises";
import { whileAsking } from "./heartbeat.ts";
import { UserError } from "./errors.ts";

/**
 * Asks a person before something happens that can't be taken back.
 * Without a terminal no person can answer: then `--yes` must have been given.
 */
export async function confirm(question: string, options: { yes: boolean }): Promise<void> {
  if (options.yes) return;
  if (!process.stdin.isTTY)
    throw new UserError(`${question} There is no terminal to ask at.`, "Say so with --yes.");
  if (!(await ask(question))) throw new UserError("Nothing was changed.", "Answer y to go on.");
}

/** Asks a person at a terminal; `false` without one. */
export async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await whileAsking(() => terminal.question(`${question} [y/N] `))).trim());
  } finally {
    terminal.close();
  }
}
