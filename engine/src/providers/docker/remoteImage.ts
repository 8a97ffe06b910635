import type { ImageInspectInfo } from "dockerode";
import type { Props } from "../contract.ts";
import { bool, map, one, text, textSet } from "../bridge/fields.ts";
import type { DockerCtx } from "./context.ts";
import { ensureImage, localImage } from "./images.ts";
import { dockerResource, TIMED } from "./resource.ts";
import type { Found } from "./resource.ts";

const F = { force: true } as const;
/** Recorded by the official provider in every state, and refused in a program: nothing here sets it. */
const R = { unsupported: true } as const;

/** The digest to deploy by: the only one, or that of the repository in the name. Empty for images never in a registry. */
function digestOf(name: string, digests: string[]): string {
  if (digests.length <= 1) return digests[0] ?? "";
  return digests.find((digest) => digest.startsWith(name.split(":")[0]!)) ?? "";
}

const foundAs = (info: ImageInspectInfo, wanted: Props): Found => ({
  // Upstream's id is the image's id and its name, joined by nothing.
  id: `${info.Id}${String(wanted["name"])}`,
  values: {
    ...wanted,
    imageId: info.Id,
    repoDigest: digestOf(String(wanted["name"]), info.RepoDigests ?? []),
  },
});

async function ensure(ctx: DockerCtx, name: string, wanted: Props): Promise<Found> {
  return foundAs(await ensureImage(ctx, name, String(wanted["name"])), wanted);
}

/** `docker.RemoteImage` */
export const remoteImage = dockerResource({
  type: "docker:index/remoteImage:RemoteImage",
  noun: "image",
  fields: {
    build: one({}, R),
    forceRemove: bool(R),
    imageId: text({ output: true }),
    keepLocally: bool(),
    name: text({ ...F, required: true }),
    platform: text({ ...R, default: "" }),
    pullTriggers: textSet(R),
    repoDigest: text({ output: true }),
    triggers: map(R),
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
