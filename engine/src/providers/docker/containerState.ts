import type { ContainerInspectInfo } from "dockerode";
import type { Props, Value } from "../contract.ts";
import { isProps, isZero } from "../bridge/values.ts";
import { goDuration } from "./duration.ts";
import { dict, items, labelList } from "./wire.ts";

const MIB = 1024 * 1024;
const mib = (bytes: number | undefined): number =>
  bytes && bytes > 0 ? Math.floor(bytes / MIB) : (bytes ?? 0);
const listOrNull = (value: string[] | null | undefined): Value => (value && value.length > 0 ? value : null);
const mapOrNull = (value: unknown): Value => dict((value as Props | null) ?? null) ?? null;

/** Whole CPUs are written with one decimal and others without trailing zeros, as upstream does it. */
function cpus(nano: number | undefined): Value {
  if (!nano) return null;
  const digits = (nano / 1e9).toFixed(9);
  return digits.split("0").length - 1 === 9 ? (nano / 1e9).toFixed(1) : digits.replace(/0+$/, "");
}

function mounts(info: ContainerInspectInfo): Props[] {
  return (info.HostConfig.Mounts ?? []).map((mount) => {
    const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = mount;
    return {
      bindOptions: bind ? { propagation: bind.Propagation ?? "" } : null,
      readOnly: mount.ReadOnly ?? false,
      source: mount.Source ?? "",
      target: mount.Target,
      tmpfsOptions: tmpfs ? { mode: tmpfs.Mode ?? 0, sizeBytes: tmpfs.SizeBytes ?? 0 } : null,
      type: mount.Type,
      volumeOptions: volume
        ? {
            driverName: volume.DriverConfig?.Name ?? "",
            driverOptions: mapOrNull(volume.DriverConfig?.Options),
            labels: labelList(volume.Labels),
            noCopy: volume.NoCopy ?? false,
            subpath: (volume as { Subpath?: string }).Subpath ?? "",
          }
        : null,
    };
  });
}

function ports(info: ContainerInspectInfo): Props[] {
  const port = (key: string): number => Number(key.split("/")[0]);
  const bound = Object.entries(info.NetworkSettings.Ports ?? {}).sort(([a], [b]) => port(a) - port(b));
  return bound.flatMap(([key, bindings]) =>
    ((bindings as { HostIp: string; HostPort: string }[] | null) ?? []).map((binding) => ({
      external: Number(binding.HostPort),
      internal: port(key),
      ip: binding.HostIp,
      protocol: key.split("/")[1] ?? "tcp",
    })),
  );
}

function networkDatas(info: ContainerInspectInfo): Props[] {
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

function healthcheck(info: ContainerInspectInfo): Props | null {
  const check = info.Config.Healthcheck as
    (typeof info.Config.Healthcheck & { StartInterval?: number }) | undefined;
  if (!check) return null;
  return {
    interval: goDuration(check.Interval),
    retries: check.Retries ?? 0,
    startInterval: goDuration(check.StartInterval),
    startPeriod: goDuration(check.StartPeriod),
    tests: check.Test ?? [],
    timeout: goDuration(check.Timeout),
  };
}

function throttle(devices: unknown): Props[] {
  return ((devices as { Path: string; Rate: number }[] | null) ?? []).map(({ Path, Rate }) => ({
    path: Path,
    rate: Rate,
  }));
}

/** Settings that upstream reads only where the program gave some. */
function whereGiven(info: ContainerInspectInfo, last: Props): Props {
  const host = info.HostConfig;
  const out: Props = {};
  const running = info.State.Running || last["mustRun"] !== false;
  if (!isZero(last["ports"]) && running) out["ports"] = ports(info);
  if (!isZero(last["logOpts"])) out["logOpts"] = mapOrNull(host.LogConfig?.Config);
  if (!isZero(last["pidMode"])) out["pidMode"] = host.PidMode ?? null;
  if (!isZero(last["ulimits"]))
    out["ulimits"] = (host.Ulimits ?? []).map((u) => ({ hard: u.Hard, name: u.Name, soft: u.Soft }) as Props);
  if (!isZero(last["devices"])) {
    const given = items(last["devices"])
      .filter((d) => !isZero(d["containerPath"]))
      .map((d) => d["hostPath"]);
    out["devices"] = ((host.Devices ?? []) as Record<string, string>[]).map((d) => ({
      containerPath: given.includes(d["PathOnHost"]!) ? d["PathInContainer"]! : "",
      hostPath: d["PathOnHost"]!,
      permissions: d["CgroupPermissions"]!,
    }));
  }
  if (!isZero(host.CapAdd as Value) || !isZero(host.CapDrop as Value))
    out["capabilities"] = {
      adds: (host.CapAdd as string[] | null) ?? [],
      drops: (host.CapDrop as string[] | null) ?? [],
    };
  const health = healthcheck(info);
  if (health) out["healthcheck"] = health;
  if (host.NanoCpus) out["cpus"] = cpus(host.NanoCpus);
  return out;
}

/**
 * Outputs after reading a container. What isn't read (env, labels, volumes, uploads, networksAdvanced, …) stays as
 * it was. A stopped container that must run is recorded with `mustRun: false`, so the next update starts it.
 */
export function containerValues(info: ContainerInspectInfo, last: Props): Props {
  const { Config: config, HostConfig: host, State: state } = info;
  // dockerode's types lack both.
  const stop = config as { StopSignal?: string; StopTimeout?: number };
  const byId = typeof last["image"] === "string" && last["image"].startsWith("sha256:");
  const stopped: Props = state.Running
    ? {}
    : { exitCode: state.ExitCode, ...(last["mustRun"] === false ? {} : { mustRun: false }) };
  const healthier = isProps(last["healthcheck"] ?? null) ? last["healthcheck"]! : null;
  return {
    ...last,
    bridge: (info.NetworkSettings as { Bridge?: string }).Bridge ?? "",
    command: config.Cmd ?? [],
    cpuSet: host.CpusetCpus ?? "",
    cpuShares: host.CpuShares ?? 0,
    deviceReadBps: throttle(host.BlkioDeviceReadBps),
    deviceReadIops: throttle(host.BlkioDeviceReadIOps),
    deviceWriteBps: throttle(host.BlkioDeviceWriteBps),
    deviceWriteIops: throttle(host.BlkioDeviceWriteIOps),
    dns: listOrNull(host.Dns),
    dnsOpts: listOrNull(host.DnsOptions as string[]),
    dnsSearches: listOrNull(host.DnsSearch),
    domainname: config.Domainname,
    entrypoints: typeof config.Entrypoint === "string" ? [config.Entrypoint] : (config.Entrypoint ?? []),
    groupAdds: listOrNull(host.GroupAdd as string[] | undefined),
    healthcheck: healthier,
    hostname: config.Hostname,
    hosts: ((host.ExtraHosts as string[] | null) ?? []).map((line) => {
      const [name, ip] = line.split(":");
      return { host: name!, ip: ip ?? "" };
    }),
    image: byId ? info.Image : config.Image,
    init: host.Init ?? false,
    ipcMode: host.IpcMode ?? "",
    logDriver: host.LogConfig?.Type ?? "",
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    memory: mib(host.Memory),
    memoryReservation: mib(host.MemoryReservation),
    memorySwap: mib(host.MemorySwap),
    mounts: mounts(info),
    name: info.Name.replace(/^\//, ""),
    networkDatas: networkDatas(info),
    networkMode: host.NetworkMode ?? "",
    platform: info.Platform,
    privileged: host.Privileged ?? false,
    publishAllPorts: host.PublishAllPorts ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    restart: host.RestartPolicy?.Name ?? "",
    rm: host.AutoRemove ?? false,
    runtime: (host as { Runtime?: string }).Runtime ?? "",
    securityOpts: (host.SecurityOpt as string[] | null) ?? [],
    shmSize: mib(host.ShmSize),
    stdinOpen: config.OpenStdin ?? false,
    stopSignal: stop.StopSignal ?? "",
    stopTimeout: stop.StopTimeout ?? 0,
    storageOpts: mapOrNull(host.StorageOpt),
    sysctls: mapOrNull(host.Sysctls),
    tmpfs: mapOrNull(host.Tmpfs),
    tty: config.Tty ?? false,
    user: config.User,
    usernsMode: host.UsernsMode ?? "",
    workingDir: config.WorkingDir,
    ...whereGiven(info, last),
    ...stopped,
  };
}
