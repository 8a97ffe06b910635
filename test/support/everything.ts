/**
 * Runs steps one after the other, each of them also after one that failed: for what puts things in order again.
 * @throws the error of the first that failed, after the last one has run
 */
export async function everything(...steps: (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps)
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw errors[0];
}
