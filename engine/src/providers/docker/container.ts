import type { EndpointSettings } from "dockerode";
import type { Props } from "../contract.ts";
import { PartialError } from "../contract.ts";
import { outputsOf } from "../bridge/state.ts";
import { containerSpec, containerUpdate, containerValues } from "./containerApi.ts";
import type { DockerCtx } from "./context.ts";
import { DockerError, isMissing, wordsOf } from "./errors.ts";
import { containerFields as fields } from "./fields.ts";
import { waitHealthy } from "./health.ts";
import { ensureImage } from "./images.ts";
import { dockerResource, TIMED } from "./resource.ts";
import type { ReadResult } from "./resource.ts";
import { upload } from "./uploads.ts";
import { int, items, str, strs } from "./convert.ts";

const meta: Props = { ...TIMED, schema_version: "2" };

/** Moves a container that was just created from the default bridge to its networks. */
async function connectNetworks(ctx: DockerCtx, name: string, id: string, wanted: Props): Promise<void> {
  const networks = items(wanted["networksAdvanced"]);
  if (networks.length === 0) return;
  await ctx.engine.try(`${name}: cannot leave the default network`, async (docker) => {
    try {
      await docker.getNetwork("bridge").disconnect({ Container: id });
    } catch (error) {
      if (!/is not connected to (the )?network/.test(wordsOf(error))) throw error;
    }
  });
  for (const network of networks) {
    const endpoint: EndpointSettings = {
      Aliases: strs(network["aliases"]),
      IPAMConfig: { IPv4Address: str(network["ipv4Address"]) },
    };
    const target = String(network["name"]);
    await ctx.engine.try(`${name}: cannot join network "${target}"`, (docker) =>
      docker.getNetwork(target).connect({ Container: id, EndpointConfig: endpoint }),
    );
  }
}

async function read(ctx: DockerCtx, name: string, id: string, last: Props): Promise<ReadResult | undefined> {
  const info = await ctx.engine.find(`${name}: cannot be read`, (docker) =>
    docker.getContainer(id).inspect(),
  );
  return info && { id: info.Id, values: containerValues(info, last) };
}

async function start(ctx: DockerCtx, name: string, id: string): Promise<void> {
  await ctx.engine.try(`${name}: cannot start`, (docker) => docker.getContainer(id).start());
}

/** Everything after the container exists; a failure here is recorded with it. */
async function initialise(ctx: DockerCtx, name: string, id: string, wanted: Props): Promise<void> {
  await connectNetworks(ctx, name, id, wanted);
  await upload(ctx, name, id, wanted);
  if (wanted["start"] === false) return;
  await start(ctx, name, id);
  if (wanted["wait"] === true) await waitHealthy(ctx, name, id, wanted);
}

/** `docker.Container` */
export const container = dockerResource({
  type: "docker:index/container:Container",
  noun: "container",
  fields,
  meta,
  autoname: true,
  deleteFirst: true,
  async create(ctx, name, wanted) {
    await ensureImage(ctx, name, String(wanted["image"]));
    const created = await ctx.engine.try(`${name}: cannot be created`, (docker) =>
      docker.createContainer(containerSpec(wanted)),
    );
    try {
      await initialise(ctx, name, created.id, wanted);
    } catch (error) {
      const now = await read(ctx, name, created.id, wanted).catch(() => undefined);
      const outputs = outputsOf(fields, created.id, meta, {
        ...(now?.values ?? wanted),
        mustRun: wanted["mustRun"] ?? true,
      });
      throw new PartialError(created.id, outputs, [(error as Error).message]);
    }
    const found = await read(ctx, name, created.id, wanted);
    if (!found) throw new DockerError(`${name}: was removed right after its creation`);
    return found;
  },
  read,
  async update(ctx, name, id, last, wanted) {
    if (last["mustRun"] === false && wanted["mustRun"] === true && wanted["start"] !== false)
      await start(ctx, name, id);
    const change = containerUpdate(last, wanted);
    if (change)
      await ctx.engine.try(`${name}: cannot be updated`, (docker) => docker.getContainer(id).update(change));
  },
  async delete(ctx, name, id, last) {
    await ctx.engine.try(`${name}: cannot be removed`, async (docker) => {
      const target = docker.getContainer(id);
      // 304: already stopped; 409: already being removed.
      const tolerate = (error: unknown): void => {
        if (isMissing(error) || [304, 409].includes((error as { statusCode?: number }).statusCode ?? 0))
          return;
        throw error;
      };
      await target.stop({ t: int(last["destroyGraceSeconds"]) ?? 0 }).catch(tolerate);
      await target.remove({ v: last["removeVolumes"] !== false, force: true }).catch(tolerate);
      await target.wait({ condition: "removed" }).catch(tolerate);
    });
  },
});
