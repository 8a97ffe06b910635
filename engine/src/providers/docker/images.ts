import type { Readable } from "node:stream";
import type Docker from "dockerode";
import type { ImageInspectInfo } from "dockerode";
import type { DockerCtx } from "./context.ts";
import { loginFor } from "./logins.ts";
import type { Login } from "./logins.ts";

/** How long a pull may take without any progress, milliseconds. */
const STALLED_AFTER_MS = 10 * 60_000;

async function pull(docker: Docker, image: string, logins: readonly Login[]): Promise<void> {
  const untagged = !image.includes("@") && !/:[\w.-]+$/.test(image);
  const login = loginFor(image, logins);
  const authconfig = login && {
    username: login.username,
    password: login.password,
    serveraddress: `https://${login.host}`,
  };
  const stream = await docker.pull(untagged ? `${image}:latest` : image, authconfig ? { authconfig } : {});
  await waitForProgressEnd(
    (done, progress) => docker.modem.followProgress(stream, done, progress),
    () => (stream as Readable).destroy(),
  );
}

/** The image on the engine, by tag, digest or id; undefined: there is none. */
export function localImage(
  ctx: DockerCtx,
  name: string,
  image: string,
): Promise<ImageInspectInfo | undefined> {
  return ctx.engine.find(`${name}: cannot look for image ${image}`, (docker) =>
    docker.getImage(image).inspect(),
  );
}

/** The image, pulled when the engine doesn't have it. An existing tag is not pulled again, like the official provider. */
export async function ensureImage(ctx: DockerCtx, name: string, image: string): Promise<ImageInspectInfo> {
  const there = await localImage(ctx, name, image);
  if (there) return there;
  return ctx.engine.try(
    `${name}: image ${image} is not on the engine and cannot be pulled`,
    async (docker) => {
      await pull(docker, image, ctx.engine.settings.logins);
      return docker.getImage(image).inspect();
    },
  );
}

/**
 * Waits for the end of a stream of progress reports.
 * @throws Error when it fails, or reports nothing for {@link STALLED_AFTER_MS}
 */
export async function waitForProgressEnd(
  follow: (done: (error: Error | null) => void, progress: () => void) => void,
  stop: () => void,
  stalledAfterMs = STALLED_AFTER_MS,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const stalled = (): void => {
        reject(new Error(`no progress for ${Math.round(stalledAfterMs / 60_000)} minutes`));
        stop();
      };
      const wait = (): void => {
        clearTimeout(timer);
        timer = setTimeout(stalled, stalledAfterMs);
      };
      wait();
      follow((error) => (error ? reject(error) : resolve()), wait);
    });
  } finally {
    clearTimeout(timer);
  }
}
