import type { NetworkInspectInfo } from "dockerode";
import type { Props } from "../contract.ts";
import { bool, map, set, text } from "../bridge/fields.ts";
import type { Fields } from "../bridge/fields.ts";
import type { DockerCtx } from "./context.ts";
import { DockerError } from "./errors.ts";
import { labels } from "./fields.ts";
import { remove } from "./remove.ts";
import { dockerResource } from "./resource.ts";
import type { Found } from "./resource.ts";
import { dict, items, labelList, labelMap, str } from "./convert.ts";

const F = { force: true } as const;
const C = { force: true, computed: true } as const;
/** Recorded by the official provider in every state, and refused in a program: nothing here sets it. */
const R = { unsupported: true } as const;

const fields: Fields = {
  attachable: bool(R),
  driver: text(C),
  ingress: bool(R),
  internal: bool(C),
  ipamConfigs: set(
    { auxAddress: map(R), gateway: text(F), ipRange: text(R), subnet: text(F) },
    { ...C, tf: "ipam_config" },
  ),
  ipamDriver: text({ ...F, default: "default" }),
  ipamOptions: map(R),
  ipv6: bool(R),
  labels: set(labels, F),
  name: text({ ...F, required: true }),
  options: map({ ...C, ...R }),
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

async function read(ctx: DockerCtx, name: string, id: string): Promise<Found | undefined> {
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
