import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again and again until the answer is true.
 * @param what words for the error, e.g. "Redis answers"
 * @throws Error when it isn't true after `seconds`
 */
export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  seconds = 15,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`not true after ${seconds} s: ${what}`);
    await sleep(50);
  }
}
