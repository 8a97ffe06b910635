import type { ImageInspectInfo } from "dockerode";
import type { Props } from "../contract.ts";
import { block, bool, map, REFUSED, REPLACES, text, textSet } from "../bridge/fields.ts";
import type { DockerCtx } from "./context.ts";
import { ensureImage, localImage } from "./images.ts";
import { dockerResource, TIMED } from "./resource.ts";
import type { ReadResult } from "./resource.ts";

/** The digest to deploy by: the only one, or that of the repository in the name. Empty for images never in a registry. */
function digestOf(name: string, digests: string[]): string {
  if (digests.length <= 1) return digests[0] ?? "";
  return digests.find((digest) => digest.startsWith(name.split(":")[0]!)) ?? "";
}

const foundAs = (info: ImageInspectInfo, wanted: Props): ReadResult => ({
  // Upstream's id is the image's id and its name, joined by nothing.
  id: `${info.Id}${String(wanted["name"])}`,
  values: {
    ...wanted,
    imageId: info.Id,
    repoDigest: digestOf(String(wanted["name"]), info.RepoDigests ?? []),
  },
});

async function ensure(ctx: DockerCtx, name: string, wanted: Props): Promise<ReadResult> {
  return foundAs(await ensureImage(ctx, name, String(wanted["name"])), wanted);
}

/** `docker.RemoteImage` */
export const remoteImage = dockerResource({
  type: "docker:index/remoteImage:RemoteImage",
  noun: "image",
  fields: {
    build: block({}, REFUSED),
    forceRemove: bool(REFUSED),
    imageId: text({ output: true }),
    keepLocally: bool(),
    name: text({ ...REPLACES, required: true }),
    platform: text({ ...REFUSED, default: "" }),
    pullTriggers: textSet(REFUSED),
    repoDigest: text({ output: true }),
    triggers: map(REFUSED),
  },
  meta: TIMED,
  autoname: false,
  create: ensure,
  async read(ctx, name, _id, last) {
    const info = last["name"] ? await localImage(ctx, name, String(last["name"])) : undefined;
    return info && foundAs(info, last);
  },
  update: (ctx, name, _id, _last, wanted) => ensure(ctx, name, wanted),
  async delete(ctx, name, _id, last) {
    if (last["keepLocally"] === true) return;
    await ctx.engine.find(`${name}: cannot be removed`, (docker) =>
      docker.getImage(String(last["name"])).remove(),
    );
  },
});
