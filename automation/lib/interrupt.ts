import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "./errors.ts";

/** Signals this close together are one key press, milliseconds: terminal, npm and bootstrap all pass it on. */
const SAME_PRESS = 300;
/** How long a second Ctrl-C waits for the engine to stop what is under way and release its lock, milliseconds. */
const PATIENCE = 8000;

/** Between two calls that end what is waited for, milliseconds: what an interrupted step starts later hears of it too. */
const AGAIN = 2000;

let presses = 0;
let last = -Infinity;
/** Of the engine's runs under way. */
const running = new Set<AbortSignal>();

/**
 * The engine gets Ctrl-C too: it finishes what is under way and records it. So the first one only keeps the next step
 * from starting, ends what is only waited for, and leaves time to put things back; the second one stops the engine, and
 * leaves at once where none runs.
 */
export function catchInterrupts(): void {
  process.on("SIGINT", () => {
    const now = performance.now();
    if (now - last < SAME_PRESS) return;
    last = now;
    presses++;
    // The engine counts what comes from the terminal as well as from here once. An AbortSignal aborts once only, and
    // the engine must hear of every press: hence the bare event.
    for (const signal of running) signal.dispatchEvent(new Event("abort"));
    if (presses === 1) {
      process.stderr.write("\nInterrupted: what is under way ends first. Ctrl-C again leaves at once.\n");
      return;
    }
    if (presses > 2) process.exit(130);
    process.stderr.write("\nLeaving at once: the next run looks at what was under way.\n");
    if (running.size === 0) process.exit(130);
    setTimeout(() => process.exit(130), PATIENCE).unref();
  });
}

/** Asks the engine to stop what is under way, and leaves once it had the time for it. */
export function stopEngine(leave: () => void): void {
  for (const signal of running) signal.dispatchEvent(new Event("abort"));
  setTimeout(leave, running.size > 0 ? PATIENCE : 0);
}

/**
 * Runs the engine with a signal that passes on every Ctrl-C, wherever it was sent.
 * @param stopWaiting called after Ctrl-C until the engine has ended: what it waits for on a server may take long
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  stopWaiting?: () => Promise<unknown>,
  again = AGAIN,
): Promise<T> {
  const { signal } = new AbortController();
  const ended = new AbortController();
  let told: Promise<void> | undefined;
  signal.addEventListener("abort", () => (told ??= stopWaiting && repeat(stopWaiting, again, ended.signal)));
  running.add(signal);
  try {
    return await work(signal);
  } finally {
    running.delete(signal);
    ended.abort();
    // A call that is under way must not end what is waited for afterwards, when things are put back.
    await told;
  }
}

/** A call that fails is no reason to stop: the server may be about to come up, and what is under way ends in any case. */
async function repeat(call: () => Promise<unknown>, pause: number, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    await call().catch(() => undefined);
    await sleep(pause, undefined, { signal: end }).catch(() => undefined);
  }
}

/** Whether a person wants to stop. */
export function isInterrupted(): boolean {
  return presses > 0;
}

/** @throws UserError when a person wants to stop */
export function stopIfInterrupted(): void {
  if (isInterrupted()) throw interruption();
}

/** @param unfinished what the engine said of steps that ended without success */
export function interruption(unfinished: readonly string[] = []): UserError {
  return new UserError(
    ["Interrupted.", ...unfinished].join("\n"),
    "Run the same command again; what was done is kept.",
  );
}
