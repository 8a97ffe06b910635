import Docker from "dockerode";
import { buildLocally, publishImages, registryAddress } from "../../automation/images/index.ts";
import { contextHash, packContext, readContext } from "../../automation/images/context.ts";
import { drain } from "../../automation/images/engine.ts";
import { registryDigest } from "../../automation/images/registry.ts";
import { LOCAL_REGISTRY } from "../../config/images.ts";

/**
 * Builds any folder with a Dockerfile on this machine's engine and puts it into the local registry, once per content.
 * The Dockerfile has the sample applications' Node.js as `ARG BASE`.
 *
 * @param name repository in the registry, such as `test/torture`
 * @returns the reference as a stack file has it: `registry.fairlead.internal:5000/<name>@sha256:…`
 */
export async function imageFrom(
  name: string,
  folder: string,
  buildArgs: Readonly<Record<string, string>> = {},
): Promise<string> {
  const quiet = (): void => undefined;
  await publishImages({ names: [], onProgress: quiet });
  const args = { ...buildArgs, BASE: await buildLocally("node", quiet) };
  const docker = new Docker();
  const registry = await registryAddress();
  const files = await readContext(folder);
  const tag = contextHash(files, args).slice(0, 24);
  const port = Number(registry.split(":")[1]);
  let digest = await registryDigest(docker, port, name, tag);
  if (!digest) {
    const t = `${registry}/${name}:${tag}`;
    await drain(await docker.buildImage(packContext(files), { t, buildargs: args, forcerm: true }));
    await drain(await docker.getImage(t).push({ authconfig: { username: "", password: "" } }));
    digest = await registryDigest(docker, port, name, tag);
  }
  if (!digest) throw new Error(`the registry on ${registry} took ${name}:${tag} but does not know it`);
  return `${LOCAL_REGISTRY}/${name}@${digest}`;
}
