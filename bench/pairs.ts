/** Two things timed in turn, A B A B …, so that whatever else the machine does meets both alike. */
export interface Pairs {
  /** Seconds. */
  a: number[];
  b: number[];
  /** A ÷ B of each pair. */
  ratios: number[];
}

/** Runs each once without counting it, then both in turn. */
export async function pairs(
  count: number,
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
): Promise<Pairs> {
  const result: Pairs = { a: [], b: [], ratios: [] };
  await a();
  await b();
  for (let index = 0; index < count; index++) {
    result.a.push(await seconds(a));
    result.b.push(await seconds(b));
    result.ratios.push(result.a[index]! / result.b[index]!);
  }
  return result;
}

/** How long something takes. */
export async function seconds(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return (performance.now() - started) / 1000;
}

/** The middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
