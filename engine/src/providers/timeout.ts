import { PartialError } from "./contract.ts";
import type { Ctx } from "./contract.ts";

/**
 * Runs an operation under the resource option `customTimeouts`: after it, everything that watches `ctx.signal` stops.
 * @param seconds none: no limit
 * @throws Error that names the limit; a {@link PartialError} stays one
 */
export async function withTimeout<T>(
  ctx: Ctx,
  seconds: number | undefined,
  work: (ctx: Ctx) => Promise<T>,
): Promise<T> {
  if (!seconds) return work(ctx);
  const late = AbortSignal.timeout(seconds * 1000);
  const signal = AbortSignal.any([ctx.signal, late]);
  try {
    return await work(Object.create(ctx, { signal: { value: signal } }) as Ctx);
  } catch (error) {
    if (!late.aborted || ctx.signal.aborted) throw error;
    const reason = `not done after ${seconds} s; give it longer with customTimeouts`;
    throw error instanceof PartialError
      ? new PartialError(error.id, error.outputs, [reason])
      : new Error(reason);
  }
}
