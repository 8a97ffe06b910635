import { UserError } from "./errors.ts";
import { stopEngine } from "./interrupt.ts";

/** Milliseconds without a word after which one is said. */
export const SILENCE = 20_000;
/**
 * Milliseconds in which nothing at all has happened, after which nothing will. Every single wait has a bound of its own
 * that is shorter (a step of the engine, a look at the server, a renewal); this one is for the unforeseen.
 */
const LIMIT = 60 * 60_000;

/** What is under way, the innermost last. */
const stack: { describe: () => string; since: number }[] = [];
/** When something was last printed, and when something last happened. */
const last = { word: Date.now(), sign: Date.now() };
let waiting = 0;

/** Something happened: the work goes on. */
export function alive(): void {
  last.sign = Date.now();
}

/** Says, while something lasts, what it is. @param describe asked whenever a word is due */
export async function during<T>(describe: () => string, work: () => Promise<T>): Promise<T> {
  const entry = { describe, since: Date.now() };
  stack.push(entry);
  alive();
  try {
    return await work();
  } finally {
    stack.splice(stack.indexOf(entry), 1);
    alive();
  }
}

/** A person who is asked has all the time they want. */
export async function whileAsking<T>(ask: () => Promise<T>): Promise<T> {
  waiting++;
  try {
    return await ask();
  } finally {
    waiting--;
    last.word = Date.now();
    alive();
  }
}

/** What is under way and for how long: `still: Deploy: created web (45 s)`. */
export function statement(now = Date.now()): string {
  const top = stack.at(-1);
  if (!top) return "still at work";
  const text = top.describe();
  // The engine's steps each have a time of their own.
  return / s\)$/.test(text) ? `still: ${text}` : `still: ${text} (${Math.round((now - top.since) / 1000)} s)`;
}

/**
 * No verb is silent for more than half a minute, nor waits for ever: words go to stderr, so that JSON stays alone.
 * @param fail ends the verb with an error, as any other error does
 * @returns a function that ends the heartbeat
 */
export function startHeartbeat(
  fail: (error: UserError) => void,
  { silence = SILENCE, limit = LIMIT } = {},
): () => void {
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  // Whatever else writes (the list of tasks, a progress line) is a word too.
  streams.forEach((stream, index) => {
    stream.write = ((...args: Parameters<typeof stream.write>) => {
      last.word = Date.now();
      return writes[index]!.apply(stream, args);
    }) as typeof stream.write;
  });
  const timer = setInterval(
    () => {
      const now = Date.now();
      if (waiting > 0) return;
      if (now - last.sign > limit) giveUp(now - last.sign, fail);
      else if (now - last.word > silence) process.stderr.write(`${statement(now)}\n`);
    },
    Math.min(5000, silence / 4),
  );
  timer.unref();
  return () => {
    clearInterval(timer);
    streams.forEach((stream, index) => (stream.write = writes[index]!));
  };
}

function giveUp(milliseconds: number, fail: (error: UserError) => void): void {
  const minutes = Math.round(milliseconds / 60_000);
  const error = new UserError(
    `Nothing has happened for ${minutes} minutes; ${statement()}.`,
    "Look whether the server and its Docker engine answer, and run the same command again; what was done is kept.",
  );
  alive();
  stopEngine(() => fail(error));
}
