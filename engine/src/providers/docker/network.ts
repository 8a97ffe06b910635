import type { NetworkInspectInfo } from "dockerode";
import type { Props } from "../contract.ts";
import { bool, COMPUTED, map, REFUSED, REPLACES, set, text } from "../bridge/fields.ts";
import type { Fields } from "../bridge/fields.ts";
import type { DockerCtx } from "./context.ts";
import { DockerError } from "./errors.ts";
import { labels } from "./fields.ts";
import { remove } from "./remove.ts";
import { dockerResource } from "./resource.ts";
import type { ReadResult } from "./resource.ts";
import { dict, items, labelList, labelMap, str } from "./convert.ts";

const fields: Fields = {
  attachable: bool(REFUSED),
  driver: text(COMPUTED),
  ingress: bool(REFUSED),
  internal: bool(COMPUTED),
  ipamConfigs: set(
    { auxAddress: map(REFUSED), gateway: text(REPLACES), ipRange: text(REFUSED), subnet: text(REPLACES) },
    { ...COMPUTED, tf: "ipam_config" },
  ),
  ipamDriver: text({ ...REPLACES, default: "default" }),
  ipamOptions: map(REFUSED),
  ipv6: bool(REFUSED),
  labels: set(labels, REPLACES),
  name: text({ ...REPLACES, required: true }),
  options: map({ ...COMPUTED, ...REFUSED }),
  scope: text({ output: true }),
};

type Pool = {
  Subnet?: string;
  Gateway?: string;
  IPRange?: string;
  AuxiliaryAddresses?: Record<string, string>;
};

function valuesOf(info: NetworkInspectInfo): Props {
  const pools = ((info.IPAM?.Config ?? []) as Pool[]).map((pool): Props => ({
    auxAddress: pool.AuxiliaryAddresses ?? {},
    gateway: pool.Gateway ?? "",
    ipRange: pool.IPRange ?? "",
    subnet: pool.Subnet ?? "",
  }));
  return {
    attachable: info.Attachable,
    driver: info.Driver,
    ingress: info.Ingress,
    internal: info.Internal,
    ipamConfigs: pools,
    ipamDriver: info.IPAM?.Driver ?? "default",
    ipamOptions: dict((info.IPAM?.Options as Props | undefined) ?? null) ?? null,
    ipv6: info.EnableIPv6,
    labels: labelList(info.Labels),
    name: info.Name,
    options: info.Options ?? {},
    scope: info.Scope,
  };
}

async function read(ctx: DockerCtx, name: string, id: string): Promise<ReadResult | undefined> {
  const info = await ctx.engine.find<NetworkInspectInfo>(`${name}: cannot be read`, (docker) =>
    docker.getNetwork(id).inspect(),
  );
  return info && { id: info.Id, values: valuesOf(info) };
}

/** `docker.Network` */
export const network = dockerResource({
  type: "docker:index/network:Network",
  noun: "network",
  fields,
  meta: { schema_version: "1" },
  autoname: true,
  async create(ctx, name, wanted) {
    const pools = items(wanted["ipamConfigs"]).map((pool) => ({
      Subnet: str(pool["subnet"]),
      Gateway: str(pool["gateway"]),
    }));
    const created = await ctx.engine.try(`${name}: cannot be created`, (docker) =>
      docker.createNetwork({
        Name: String(wanted["name"]),
        Driver: str(wanted["driver"]),
        Internal: wanted["internal"] === true,
        Labels: labelMap(wanted["labels"]),
        CheckDuplicate: true,
        IPAM: {
          Driver: str(wanted["ipamDriver"]),
          Config: pools.length > 0 ? (pools as never) : undefined,
        },
      }),
    );
    const found = await read(ctx, name, created.id);
    if (!found) throw new DockerError(`${name}: was removed right after its creation`);
    return found;
  },
  read,
  delete: (ctx, name, id) =>
    remove(ctx, name, /has active endpoints/, (docker) => docker.getNetwork(id).remove()),
});
