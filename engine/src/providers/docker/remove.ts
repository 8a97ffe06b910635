import type Docker from "dockerode";
import type { DockerCtx } from "./context.ts";
import { DockerError, isMissing, wordsOf } from "./errors.ts";
import { until } from "./convert.ts";

/** How long a container may still use a network or volume that is removed, as upstream. */
const SECONDS = 30;

/** Removes a network or volume, trying again while the engine's words say it is `busy`. One that doesn't exist is fine. */
export async function remove(
  ctx: DockerCtx,
  name: string,
  busy: RegExp,
  request: (docker: Docker) => Promise<unknown>,
): Promise<void> {
  let words = "";
  const attempt = (docker: Docker): Promise<boolean> =>
    request(docker).then(
      () => true,
      (error: unknown) => {
        words = wordsOf(error);
        if (busy.test(words)) return false;
        if (!isMissing(error)) throw error;
        return true;
      },
    );
  const removed = await until(
    () => ctx.engine.try(`${name}: cannot be removed`, attempt),
    SECONDS,
    ctx.signal,
  );
  if (!removed) throw new DockerError(`${name}: still in use after ${SECONDS} s: ${words}`);
}
