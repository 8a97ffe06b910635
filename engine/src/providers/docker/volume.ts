import type { VolumeInspectInfo } from "dockerode";
import type { Props } from "../contract.ts";
import { block, COMPUTED, map, set, text } from "../bridge/fields.ts";
import type { DockerCtx } from "./context.ts";
import { DockerError } from "./errors.ts";
import { labels } from "./fields.ts";
import { remove } from "./remove.ts";
import { dockerResource } from "./resource.ts";
import type { ReadResult } from "./resource.ts";
import { dict, labelList, labelMap, str } from "./convert.ts";

const valuesOf = (info: VolumeInspectInfo): Props => ({
  driver: info.Driver,
  driverOpts: dict((info.Options as Props | null) ?? null) ?? null,
  labels: labelList(info.Labels),
  mountpoint: info.Mountpoint,
  name: info.Name,
});

async function read(ctx: DockerCtx, name: string, id: string): Promise<ReadResult | undefined> {
  const info = await ctx.engine.find(`${name}: cannot be read`, (docker) => docker.getVolume(id).inspect());
  return info && { id: info.Name, values: valuesOf(info) };
}

/** `docker.Volume` */
export const volume = dockerResource({
  type: "docker:index/volume:Volume",
  noun: "volume",
  fields: {
    cluster: block({}, { unsupported: true }),
    driver: text(COMPUTED),
    driverOpts: map({ unsupported: true }),
    labels: set(labels, { force: true }),
    mountpoint: text({ output: true }),
    name: text(COMPUTED),
  },
  meta: { schema_version: "1" },
  autoname: true,
  async create(ctx, name, wanted) {
    const id = String(wanted["name"]);
    await ctx.engine.try(`${name}: cannot be created`, (docker) =>
      docker.createVolume({
        Name: id,
        Driver: str(wanted["driver"]),
        Labels: labelMap(wanted["labels"]),
      }),
    );
    const found = await read(ctx, name, id);
    if (!found) throw new DockerError(`${name}: was removed right after its creation`);
    return found;
  },
  read,
  delete: (ctx, name, id) =>
    remove(ctx, name, /volume is in use/, (docker) => docker.getVolume(id).remove({ force: true })),
});
