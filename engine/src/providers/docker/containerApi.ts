import type { ContainerCreateOptions, ContainerInspectInfo } from "dockerode";
import type { Props } from "../contract.ts";
import { isProps, isZero } from "../bridge/values.ts";
import * as c from "./codecs.ts";
import { items, str, strs } from "./convert.ts";

/** `given`: upstream reads it only where the program gave something. `sent`: never read back. */
type When = "given" | "sent";

/** Where each simple option is in the engine's API. What needs more than a path is below. */
const options: Record<string, [path: string, codec: c.Codec, when?: When]> = {
  cgroupnsMode: ["HostConfig.CgroupnsMode", c.asText, "sent"],
  command: ["Config.Cmd", c.asTexts],
  cpuSet: ["HostConfig.CpusetCpus", c.asText],
  cpuShares: ["HostConfig.CpuShares", c.asCount],
  cpus: ["HostConfig.NanoCpus", c.asCpus],
  domainname: ["Config.Domainname", c.asText],
  entrypoints: ["Config.Entrypoint", c.asTexts],
  envs: ["Config.Env", c.asTexts, "sent"],
  groupAdds: ["HostConfig.GroupAdd", c.asTexts, "given"],
  healthcheck: ["Config.Healthcheck", c.asHealthcheck],
  hostname: ["Config.Hostname", c.asText],
  hosts: ["HostConfig.ExtraHosts", c.asHosts, "given"],
  image: ["Config.Image", c.asText],
  init: ["HostConfig.Init", c.asFlag],
  ipcMode: ["HostConfig.IpcMode", c.asText],
  labels: ["Config.Labels", c.asLabels],
  logDriver: ["HostConfig.LogConfig.Type", c.asText],
  logOpts: ["HostConfig.LogConfig.Config", c.asMap, "given"],
  maxRetryCount: ["HostConfig.RestartPolicy.MaximumRetryCount", c.asCount],
  memory: ["HostConfig.Memory", c.asMebibytes],
  memoryReservation: ["HostConfig.MemoryReservation", c.asMebibytes],
  memorySwap: ["HostConfig.MemorySwap", c.asMebibytes],
  mounts: ["HostConfig.Mounts", c.asMounts],
  networkMode: ["HostConfig.NetworkMode", c.asText],
  pidMode: ["HostConfig.PidMode", c.asText, "given"],
  privileged: ["HostConfig.Privileged", c.asFlag],
  publishAllPorts: ["HostConfig.PublishAllPorts", c.asFlag],
  readOnly: ["HostConfig.ReadonlyRootfs", c.asFlag],
  restart: ["HostConfig.RestartPolicy.Name", c.asText],
  rm: ["HostConfig.AutoRemove", c.asFlag],
  runtime: ["HostConfig.Runtime", c.asText],
  securityOpts: ["HostConfig.SecurityOpt", c.asTexts],
  shmSize: ["HostConfig.ShmSize", c.asMebibytes],
  stdinOpen: ["Config.OpenStdin", c.asFlag],
  stopSignal: ["Config.StopSignal", c.asText],
  stopTimeout: ["Config.StopTimeout", c.asCount],
  tmpfs: ["HostConfig.Tmpfs", c.asMap],
  tty: ["Config.Tty", c.asFlag],
  ulimits: ["HostConfig.Ulimits", c.asUlimits, "given"],
  user: ["Config.User", c.asText],
  usernsMode: ["HostConfig.UsernsMode", c.asText],
  workingDir: ["Config.WorkingDir", c.asText],
};

/** Changes of these are sent to the engine; other updates in place only change the state, as upstream. */
const updatable = [
  "restart",
  "maxRetryCount",
  "cpuShares",
  "memory",
  "memoryReservation",
  "cpuSet",
  "memorySwap",
];

type Tree = { [key: string]: unknown };

function put(tree: Tree, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  let at = tree;
  for (const key of keys) at = (at[key] ??= {}) as Tree;
  at[last] = value;
}

const get = (tree: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => (at as Tree | null | undefined)?.[key], tree);

/** `volumes`: binds (`name:path:ro`), and anonymous volumes. */
function sendVolumes(given: Props[]): { binds: string[]; paths: string[] } {
  const [binds, paths]: [string[], string[]] = [[], []];
  for (const volume of given) {
    const path = str(volume["containerPath"]);
    if (path === undefined) throw new Error("volumes: expected containerPath in each entry");
    const source = str(volume["hostPath"]) ?? str(volume["volumeName"]);
    if (source) binds.push(`${source}:${path}:${volume["readOnly"] === true ? "ro" : "rw"}`);
    paths.push(path);
  }
  return { binds, paths };
}

function sendPorts(given: Props[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of given) {
    const key = `${String(port["internal"])}/${str(port["protocol"]) ?? "tcp"}`;
    (bindings[key] ??= []).push({ HostIp: str(port["ip"]) ?? "", HostPort: String(port["external"] ?? 0) });
  }
  return bindings;
}

const asKeys = (keys: string[]): Record<string, object> => Object.fromEntries(keys.map((key) => [key, {}]));

/**
 * What the engine's API needs to create the container. Query and body are kept apart: dockerode would otherwise put
 * everything, the environment included, in the URL as well.
 */
export function containerSpec(p: Props): ContainerCreateOptions {
  const spec: Tree = {};
  for (const [name, [path, codec]] of Object.entries(options))
    put(spec, path.replace(/^Config\./, ""), codec.send(p[name]));
  const host = spec["HostConfig"] as Tree;
  const caps = isProps(p["capabilities"] ?? null) ? (p["capabilities"] as Props) : {};
  const { binds, paths } = sendVolumes(items(p["volumes"]));
  const ports = sendPorts(items(p["ports"]));
  Object.assign(spec, { ExposedPorts: asKeys(Object.keys(ports)), Volumes: asKeys(paths) });
  Object.assign(host, {
    Binds: binds,
    PortBindings: ports,
    CapAdd: strs(caps["adds"]),
    CapDrop: strs(caps["drops"]),
  });
  // The engine takes `systempaths=unconfined` as two empty lists; the option itself is the client's.
  const bare = "systempaths=unconfined";
  const security = strs(p["securityOpts"]) ?? [];
  if (security.includes(bare)) Object.assign(host, { MaskedPaths: [], ReadonlyPaths: [] });
  host["SecurityOpt"] = security.filter((option) => option !== bare);
  return { _query: { name: p["name"] }, _body: spec } as ContainerCreateOptions;
}

/** What the engine's API needs for an update in place; undefined when nothing of it changes. */
export function containerUpdate(last: Props, wanted: Props): object | undefined {
  const changed = ([name]: [string, unknown]): boolean =>
    JSON.stringify(last[name]) !== JSON.stringify(wanted[name]);
  const parts = Object.entries(options).filter(([name]) => updatable.includes(name));
  if (!parts.some(changed)) return undefined;
  const update: Tree = {};
  for (const [name, [path, codec]] of parts) put(update, path, codec.send(wanted[name]));
  return update["HostConfig"] as object;
}

function readPorts(info: ContainerInspectInfo): Props[] {
  const number = (key: string): number => Number(key.split("/")[0]);
  const bound = Object.entries(info.NetworkSettings.Ports ?? {}).sort(([a], [b]) => number(a) - number(b));
  return bound.flatMap(([key, bindings]) =>
    ((bindings as { HostIp: string; HostPort: string }[] | null) ?? []).map(({ HostIp, HostPort }) => ({
      external: Number(HostPort),
      internal: number(key),
      ip: HostIp,
      protocol: key.split("/")[1] ?? "tcp",
    })),
  );
}

function readNetworks(info: ContainerInspectInfo): Props[] {
  const networks = Object.entries(info.NetworkSettings.Networks ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return networks.map(([networkName, network]) => ({
    gateway: network.Gateway,
    globalIpv6Address: network.GlobalIPv6Address,
    globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
    ipAddress: network.IPAddress,
    ipPrefixLength: network.IPPrefixLen,
    ipv6Gateway: network.IPv6Gateway,
    macAddress: network.MacAddress,
    networkName,
  }));
}

/**
 * Outputs after reading a container. What isn't read (env, labels, volumes, uploads, networksAdvanced, …) stays as
 * it was. A stopped container that must run is recorded with `mustRun: false`, so the next update starts it.
 */
export function containerValues(info: ContainerInspectInfo, last: Props): Props {
  const { HostConfig: host, State: state } = info;
  const values: Props = {
    ...last,
    bridge: (info.NetworkSettings as { Bridge?: string }).Bridge ?? "",
    name: info.Name.replace(/^\//, ""),
    networkDatas: readNetworks(info),
    platform: info.Platform,
  };
  for (const [name, [path, codec, when]] of Object.entries(options)) {
    if (when === "sent" || (when === "given" && isZero(last[name]))) continue;
    const value = codec.read(get(info, path));
    if (value !== undefined) values[name] = value;
  }
  if (String(last["image"]).startsWith("sha256:")) values["image"] = info.Image;
  if (!isZero(last["ports"]) && (state.Running || last["mustRun"] !== false))
    values["ports"] = readPorts(info);
  const caps = {
    adds: (host.CapAdd as string[] | null) ?? [],
    drops: (host.CapDrop as string[] | null) ?? [],
  };
  if (caps.adds.length + caps.drops.length > 0) values["capabilities"] = caps;
  if (!state.Running) Object.assign(values, { exitCode: state.ExitCode, mustRun: false });
  return values;
}
