import colors from "picocolors";
import type { Answer, Common } from "./verb.ts";
import { ConfigError } from "../../config/problems.ts";
import { explain } from "./errors.ts";
import { during, startHeartbeat } from "./heartbeat.ts";
import { catchInterrupts, isInterrupted } from "./interrupt.ts";
import { requireStackFile } from "./known-stack.ts";
import { TakenBack } from "./restore.ts";

/** What names a stack among the options of any verb. */
type Stacks = Partial<Record<"stack" | "from" | "to" | "url", string>>;

/**
 * Runs a verb as a person or a program started it: with signs of life, with Ctrl-C under control, its answer or its
 * error printed. Ends the process.
 * @param failure exit code when there is no answer: 2 for a verb that only looks, where 1 is an answer
 */
export async function runVerb(
  name: string,
  options: Common & Stacks,
  work: () => Promise<Answer>,
  failure: number,
): Promise<void> {
  const fail = (error: unknown): void => {
    say(error, options.json);
    leave(isInterrupted() ? 130 : failure);
  };
  catchInterrupts();
  startHeartbeat(fail);
  void during(
    () => `npm run ${name}`,
    () => new Promise(() => undefined),
  );
  try {
    const { stack, from, to, url } = options;
    for (const named of url ? [] : [stack, from, to]) if (named !== undefined) requireStackFile(named);
    const { result, text, code = 0 } = await work();
    console.log(options.json ? JSON.stringify(result, null, 2) : text());
    leave(code);
  } catch (error) {
    fail(error);
  }
}

/** Connections of the libraries stay open for a while; they are not waited for. */
export function leave(code: number): void {
  process.stdout.write("", () => process.exit(code));
}

export function say(error: unknown, json: boolean): void {
  const { message, remedy } =
    error instanceof ConfigError ? { message: error.message, remedy: "" } : explain(error);
  const restored = error instanceof TakenBack ? { restored: error.restored } : {};
  if (json) return console.log(JSON.stringify({ error: { message, remedy, ...restored } }, null, 2));
  const whatToDo = remedy ? `${colors.bold("What to do:")} ${remedy}\n` : "";
  process.stderr.write(`\n${colors.red("Failed:")} ${message}\n${whatToDo}`);
}
