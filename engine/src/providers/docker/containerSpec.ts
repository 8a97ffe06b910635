import type { ContainerCreateOptions, HostConfig, MountSettings } from "dockerode";
import type { Props, Value } from "../contract.ts";
import { isProps } from "../bridge/values.ts";
import { nanoseconds } from "./duration.ts";
import { dict, int, items, labelMap, str, strs } from "./wire.ts";

const MIB = 1024 * 1024;
export const mebibytes = (value: Value | undefined): number | undefined => {
  const n = int(value);
  return n === undefined ? undefined : n > 0 ? n * MIB : n;
};
const block = (value: Value | undefined): Props | undefined => (isProps(value) ? value : undefined);

function healthcheck(given: Props | undefined): ContainerCreateOptions["Healthcheck"] {
  if (!given) return undefined;
  return {
    Test: strs(given["tests"]) ?? [],
    Interval: nanoseconds(given["interval"]),
    Timeout: nanoseconds(given["timeout"]),
    StartPeriod: nanoseconds(given["startPeriod"]),
    ...(nanoseconds(given["startInterval"]) ? { StartInterval: nanoseconds(given["startInterval"]) } : {}),
    Retries: int(given["retries"]) ?? 0,
  };
}

function mount(given: Props): MountSettings {
  const type = String(given["type"]);
  const settings = {
    Type: type,
    Source: str(given["source"]) ?? "",
    Target: String(given["target"]),
    ReadOnly: given["readOnly"] === true,
  } as MountSettings;
  const bind = block(given["bindOptions"]);
  const volume = block(given["volumeOptions"]);
  const tmpfs = block(given["tmpfsOptions"]);
  if (type === "bind" && bind) settings.BindOptions = { Propagation: str(bind["propagation"]) as never };
  if (type === "volume" && volume) {
    const driver = { Name: str(volume["driverName"]) ?? "", Options: dict(volume["driverOptions"]) ?? {} };
    settings.VolumeOptions = {
      NoCopy: volume["noCopy"] === true,
      Labels: labelMap(volume["labels"]),
      DriverConfig: driver,
      ...(str(volume["subpath"]) ? { Subpath: str(volume["subpath"]) } : {}),
    };
  }
  if (type === "tmpfs" && tmpfs)
    settings.TmpfsOptions = { SizeBytes: int(tmpfs["sizeBytes"]) ?? 0, Mode: int(tmpfs["mode"]) ?? 0 };
  return settings;
}

/** `volumes`: binds (`name:path:ro,z`), anonymous volumes and volumes of other containers. */
function volumes(given: Props[]): { binds: string[]; anonymous: string[]; from: string[] } {
  const out = { binds: [] as string[], anonymous: [] as string[], from: [] as string[] };
  for (const volume of given) {
    const [path, from] = [str(volume["containerPath"]), str(volume["fromContainer"])];
    const source = str(volume["hostPath"]) ?? str(volume["volumeName"]);
    if ((path === undefined) === (from === undefined))
      throw new Error("volumes: expected either containerPath or fromContainer in each entry");
    const mode = [volume["readOnly"] === true ? "ro" : "rw", str(volume["selinuxRelabel"])]
      .filter(Boolean)
      .join(",");
    if (from) out.from.push(from);
    else if (source) out.binds.push(`${source}:${path}:${mode}`);
    if (path) out.anonymous.push(path);
  }
  return out;
}

function ports(given: Props[]) {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of given) {
    const key = `${String(port["internal"])}/${str(port["protocol"]) ?? "tcp"}`;
    (bindings[key] ??= []).push({ HostIp: str(port["ip"]) ?? "", HostPort: String(port["external"] ?? 0) });
  }
  return bindings;
}

const throttle = (value: Value | undefined) =>
  items(value).map((device) => ({ Path: String(device["path"]), Rate: Number(device["rate"]) }));

const asObject = (keys: string[]): Record<string, object> => Object.fromEntries(keys.map((key) => [key, {}]));

/** dockerode's types lack it. */
type Host = HostConfig & { CgroupnsMode?: string };

function hostConfig(p: Props): Host {
  const caps = block(p["capabilities"]);
  const { binds, from } = volumes(items(p["volumes"]));
  const cpus = str(p["cpus"]);
  // The engine takes `systempaths=unconfined` as two empty lists; the option itself is the client's.
  const security = strs(p["securityOpts"]) ?? [];
  const bare = security.includes("systempaths=unconfined") ? { MaskedPaths: [], ReadonlyPaths: [] } : {};
  return {
    ...bare,
    Privileged: p["privileged"] === true,
    PublishAllPorts: p["publishAllPorts"] === true,
    RestartPolicy: { Name: String(p["restart"] ?? "no"), MaximumRetryCount: int(p["maxRetryCount"]) ?? 0 },
    Runtime: str(p["runtime"]),
    Mounts: items(p["mounts"]).map(mount),
    AutoRemove: p["rm"] === true,
    ReadonlyRootfs: p["readOnly"] === true,
    LogConfig: { Type: str(p["logDriver"]) ?? "", Config: dict(p["logOpts"]) ?? {} },
    Tmpfs: dict(p["tmpfs"]),
    PortBindings: ports(items(p["ports"])),
    ExtraHosts: items(p["hosts"]).map((host) => `${String(host["host"])}:${String(host["ip"])}`),
    Binds: binds,
    VolumesFrom: from,
    Ulimits: items(p["ulimits"]).map((u) => ({
      Name: String(u["name"]),
      Soft: Number(u["soft"]),
      Hard: Number(u["hard"]),
    })),
    CapAdd: strs(caps?.["adds"]),
    CapDrop: strs(caps?.["drops"]),
    Devices: items(p["devices"]).map((device) => ({
      PathOnHost: String(device["hostPath"]),
      PathInContainer: str(device["containerPath"]) ?? String(device["hostPath"]),
      CgroupPermissions: str(device["permissions"]) ?? "rwm",
    })),
    ...throttles(p),
    Dns: strs(p["dns"]),
    DnsOptions: strs(p["dnsOpts"]),
    DnsSearch: strs(p["dnsSearches"]),
    SecurityOpt: security.filter((option) => option !== "systempaths=unconfined"),
    Memory: mebibytes(p["memory"]),
    MemoryReservation: mebibytes(p["memoryReservation"]),
    MemorySwap: mebibytes(p["memorySwap"]),
    ShmSize: mebibytes(p["shmSize"]),
    NanoCpus: cpus === undefined ? undefined : Math.round(Number(cpus) * 1e9),
    CpuPeriod: cpus === undefined ? int(p["cpuPeriod"]) : undefined,
    CpuQuota: cpus === undefined ? int(p["cpuQuota"]) : undefined,
    CpuShares: int(p["cpuShares"]),
    CpusetCpus: str(p["cpuSet"]),
    NetworkMode: str(p["networkMode"]),
    UsernsMode: str(p["usernsMode"]),
    PidMode: str(p["pidMode"]),
    Sysctls: dict(p["sysctls"]),
    IpcMode: str(p["ipcMode"]),
    GroupAdd: strs(p["groupAdds"]),
    CgroupnsMode: str(p["cgroupnsMode"]),
    CgroupParent: str(p["cgroupParent"]),
    Init: p["init"] === true,
    StorageOpt: dict(p["storageOpts"]),
  };
}

/** Limits on block devices, at creation and in updates. */
export function throttles(p: Props): Partial<HostConfig> {
  return {
    BlkioDeviceReadBps: throttle(p["deviceReadBps"]),
    BlkioDeviceReadIOps: throttle(p["deviceReadIops"]),
    BlkioDeviceWriteBps: throttle(p["deviceWriteBps"]),
    BlkioDeviceWriteIOps: throttle(p["deviceWriteIops"]),
  };
}

/** What the engine's API needs to create the container. */
export function containerSpec(p: Props): ContainerCreateOptions {
  const { anonymous } = volumes(items(p["volumes"]));
  return {
    name: String(p["name"]),
    platform: str(p["platform"]),
    Image: String(p["image"]),
    Hostname: str(p["hostname"]),
    Domainname: str(p["domainname"]),
    Tty: p["tty"] === true,
    OpenStdin: p["stdinOpen"] === true,
    StopSignal: str(p["stopSignal"]),
    StopTimeout: int(p["stopTimeout"]),
    Env: strs(p["envs"]),
    Cmd: strs(p["command"]),
    Entrypoint: strs(p["entrypoints"]),
    User: str(p["user"]),
    WorkingDir: str(p["workingDir"]),
    ExposedPorts: asObject(Object.keys(ports(items(p["ports"])))),
    Volumes: asObject(anonymous),
    Labels: labelMap(p["labels"]),
    Healthcheck: healthcheck(block(p["healthcheck"])),
    HostConfig: hostConfig(p),
  };
}
