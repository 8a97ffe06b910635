import type { Common } from "./verb.ts";
import { whileAsking } from "./heartbeat.ts";
import { requireStackFile } from "./known-stack.ts";
import { leave, say } from "./run-verb.ts";

/**
 * Runs a verb that has the terminal to itself: Ctrl-C is for the program on the server, whose exit code becomes that of the
 * verb, and nothing else is printed.
 */
export async function runSession(
  options: Pick<Common, "json"> & { stack: string },
  work: () => Promise<number>,
): Promise<void> {
  // The client gets Ctrl-C too and ends; what it leaves on the server is still to be removed.
  process.on("SIGINT", () => undefined);
  try {
    requireStackFile(options.stack);
    leave(await whileAsking(work));
  } catch (error) {
    say(error, options.json);
    leave(1);
  }
}
