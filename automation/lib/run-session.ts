import type { Common } from "./verb.ts";
import { whileAsking } from "./heartbeat.ts";
import { requireStackFile } from "./known-stack.ts";
import { leave, say } from "./run-verb.ts";

/** What a shell says of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * Runs a verb that has the terminal to itself: the exit code of the program on the server becomes that of the verb, and
 * nothing else is printed. At a terminal Ctrl-C is for that program; elsewhere it ends the connection, and then what is left
 * on the server is removed.
 * @param work gets a signal that ends its connections
 * @param failure exit code when it could not do its work
 */
export async function runSession(
  options: Pick<Common, "json"> & { stack: string },
  work: (signal: AbortSignal) => Promise<number>,
  failure = 1,
): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupt.abort());
  try {
    requireStackFile(options.stack);
    const code = await whileAsking(() => work(interrupt.signal));
    leave(interrupt.signal.aborted ? INTERRUPTED : code);
  } catch (error) {
    if (interrupt.signal.aborted) return leave(INTERRUPTED);
    say(error, options.json);
    leave(failure);
  }
}
