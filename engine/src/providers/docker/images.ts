import type Docker from "dockerode";
import type { ImageInspectInfo } from "dockerode";
import type { DockerCtx } from "./context.ts";
import type { RegistryLogin } from "./config.ts";

const HUB = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/** The registry in an image's name: what is before the first slash, where that looks like a host. */
function registryOf(image: string): string {
  const first = image.split("/")[0]!;
  return image.includes("/") && (/[.:]/.test(first) || first === "localhost") ? first : HUB[0]!;
}

const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").split("/")[0]!;

function loginFor(image: string, logins: RegistryLogin[]): RegistryLogin | undefined {
  const registry = registryOf(image);
  const hosts = HUB.includes(registry) ? HUB : [registry];
  return logins.find((login) => hosts.includes(hostOf(login.serveraddress)));
}

async function pull(
  docker: Docker,
  image: string,
  platform: string | undefined,
  login?: RegistryLogin,
): Promise<void> {
  const untagged = !image.includes("@") && !/:[\w.-]+$/.test(image);
  const stream = await docker.pull(untagged ? `${image}:latest` : image, { platform, authconfig: login });
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve())),
  );
}

/** The image as the engine has it, by tag, digest or id; undefined: it isn't there. */
export function localImage(
  ctx: DockerCtx,
  name: string,
  image: string,
): Promise<ImageInspectInfo | undefined> {
  return ctx.engine.find(`${name}: cannot look for image ${image}`, (docker) =>
    docker.getImage(image).inspect(),
  );
}

/** The image, pulled when it isn't there yet. A tag that is there is not pulled again, as officially. */
export async function ensureImage(
  ctx: DockerCtx,
  name: string,
  image: string,
  platform?: string,
): Promise<ImageInspectInfo> {
  const there = await localImage(ctx, name, image);
  if (there) return there;
  return ctx.engine.try(
    `${name}: image ${image} is not on the engine and cannot be pulled`,
    async (docker) => {
      await pull(docker, image, platform, loginFor(image, ctx.engine.settings.logins));
      return docker.getImage(image).inspect();
    },
  );
}
