/** Whether a probe succeeds within this many milliseconds, whatever its driver waits for: a connection, an answer. */
export function succeedsWithin(ms: number, probe: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const settle = (result: boolean) => {
      clearTimeout(timer);
      resolve(result);
    };
    probe.then(
      () => settle(true),
      () => settle(false),
    );
  });
}
