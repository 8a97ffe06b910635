import { UserError } from "./errors.ts";

let interrupted = false;

/**
 * Ctrl-C reaches the engine too: it finishes what is under way and records it. So the first one only keeps the next
 * step from starting, and gives whoever has something to put back the time for it; a second one leaves at once.
 */
export function catchInterrupts(): void {
  process.on("SIGINT", () => {
    if (interrupted) process.exit(130);
    interrupted = true;
    process.stderr.write("\nInterrupted: what is under way ends first. Ctrl-C again leaves at once.\n");
  });
}

/** Whether a person wants to stop. */
export function isInterrupted(): boolean {
  return interrupted;
}

/** @throws UserError when a person wants to stop */
export function stopIfInterrupted(): void {
  if (interrupted) throw new UserError("Interrupted.", "Run the same command again; what was done is kept.");
}
