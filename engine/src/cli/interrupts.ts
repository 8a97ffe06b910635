import { CliError, exit } from "../errors.ts";
import type { Handle } from "../deploy/operation.ts";

/** Signals within this time are one key press, milliseconds: the terminal and a parent process may both send one. */
const SAME_PRESS_MS = 300;
/** How long a second interrupt waits for steps that don't stop, milliseconds. */
const FORCED_EXIT_MS = 5000;

/**
 * Handles the interrupt key while a stack is locked, also between a preview and its update. The first press lets running
 * steps end and starts no other; the second stops them; the third, or a while after the second, ends the process, which
 * removes its lock.
 */
export class Interrupts {
  #presses = 0;
  #last = -Infinity;
  #current: Pick<Handle, "interrupt"> | undefined;

  constructor() {
    process.on("SIGINT", this.#press);
    process.on("SIGTERM", this.#press);
  }

  /**
   * Runs what can be interrupted.
   * @throws CliError when the interrupt came before it began
   */
  async run<T>(begin: () => Pick<Handle, "interrupt"> & { done: Promise<T> }): Promise<T> {
    if (this.#presses > 0) throw interruptedEarly();
    const handle = begin();
    this.#current = handle;
    try {
      return await handle.done;
    } finally {
      this.#current = undefined;
    }
  }

  /** Stops handling the key. */
  end(): void {
    process.off("SIGINT", this.#press);
    process.off("SIGTERM", this.#press);
  }

  readonly #press = (): void => {
    const now = performance.now();
    if (now - this.#last < SAME_PRESS_MS) return;
    this.#last = now;
    this.#presses++;
    this.#current?.interrupt();
    if (this.#presses === 1) return;
    // The reader of the output may have ended: the steps must be recorded all the same.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
    if (this.#presses > 2) process.exit(exit.cancelled);
    setTimeout(() => process.exit(exit.cancelled), FORCED_EXIT_MS).unref();
  };
}

export const interruptedEarly = (): CliError =>
  new CliError("interrupted: nothing was changed", exit.cancelled);
