import type { VolumeInspectInfo } from "dockerode";
import type { Props } from "../contract.ts";
import { map, one, set, text } from "../bridge/fields.ts";
import type { DockerCtx } from "./context.ts";
import { DockerError, isMissing, wordsOf } from "./errors.ts";
import { labels } from "./fields.ts";
import { dockerResource } from "./resource.ts";
import type { Found } from "./resource.ts";
import { dict, labelList, labelMap, str, until } from "./wire.ts";

const C = { force: true, computed: true } as const;
/** How long containers may still be letting go of the volume when it is deleted. */
const RELEASE_SECONDS = 30;

const valuesOf = (info: VolumeInspectInfo): Props => ({
  driver: info.Driver,
  driverOpts: dict((info.Options as Props | null) ?? null) ?? null,
  labels: labelList(info.Labels),
  mountpoint: info.Mountpoint,
  name: info.Name,
});

async function read(ctx: DockerCtx, name: string, id: string): Promise<Found | undefined> {
  return ctx.engine.try(`${name}: cannot be read`, async (docker) => {
    try {
      const info = await docker.getVolume(id).inspect();
      return { id: info.Name, values: valuesOf(info) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
}

/** `docker.Volume` */
export const volume = dockerResource({
  type: "docker:index/volume:Volume",
  noun: "volume",
  fields: {
    cluster: one({}, { unsupported: true }),
    driver: text(C),
    driverOpts: map({ force: true }),
    labels: set(labels, { force: true }),
    mountpoint: text({ output: true }),
    name: text(C),
  },
  meta: { schema_version: "1" },
  autoname: true,
  async create(ctx, name, wanted) {
    const id = String(wanted["name"]);
    await ctx.engine.try(`${name}: cannot be created`, (docker) =>
      docker.createVolume({
        Name: id,
        Driver: str(wanted["driver"]),
        DriverOpts: dict(wanted["driverOpts"]),
        Labels: labelMap(wanted["labels"]),
      }),
    );
    const found = await read(ctx, name, id);
    if (!found) throw new DockerError(`${name}: was removed right after its creation`);
    return found;
  },
  read,
  async delete(ctx, name, id) {
    let words = "";
    const removed = await until(
      () =>
        ctx.engine.try(`${name}: cannot be removed`, async (docker) => {
          try {
            await docker.getVolume(id).remove({ force: true });
          } catch (error) {
            words = wordsOf(error);
            if (/volume is in use/.test(words)) return false;
            if (!isMissing(error)) throw error;
          }
          return true;
        }),
      RELEASE_SECONDS,
      ctx.signal,
    );
    if (!removed) throw new DockerError(`${name}: still in use after ${RELEASE_SECONDS} s: ${words}`);
  },
});
