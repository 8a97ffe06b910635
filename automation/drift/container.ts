import type { ContainerInfo, ContainerInputs as Inputs } from "./container-info.ts";
import type { Difference, Engine } from "./look.ts";

type Value = string | number | null | undefined;

/** One aspect of a container: what its inputs say, and what Docker has; `undefined` means "not declared". */
type Aspect = [name: string, declared: (inputs: Inputs) => Value, found: (info: ContainerInfo) => Value];

const MEBIBYTE = 1024 ** 2;

/** Names of aspects that the provider changes in a running container; everything else needs a new one. */
export const IN_PLACE: Record<string, string> = {
  memory: "memory",
  "memory with swap": "memorySwap",
  restart: "restart",
};

const ASPECTS: Aspect[] = [
  ["image", ({ image }) => image, ({ Image }) => Image],
  ["memory", ({ memory }) => size(memory), ({ HostConfig }) => size(HostConfig.Memory / MEBIBYTE)],
  [
    "memory with swap",
    ({ memorySwap }) => size(memorySwap),
    ({ HostConfig }) => size(HostConfig.MemorySwap / MEBIBYTE),
  ],
  ["CPUs", ({ cpus }) => cpus && Number(cpus), ({ HostConfig }) => HostConfig.NanoCpus / 1e9],
  ["restart", ({ restart }) => restart, ({ HostConfig }) => HostConfig.RestartPolicy?.Name],
  ["user", ({ user }) => user, ({ Config }) => Config.User],
  ["read-only", ({ readOnly }) => flag(readOnly), ({ HostConfig }) => flag(HostConfig.ReadonlyRootfs)],
  ["privileged", ({ privileged }) => flag(privileged ?? false), (info) => flag(info.HostConfig.Privileged)],
  [
    "capabilities",
    ({ capabilities }) => capabilities && caps(capabilities.adds, capabilities.drops),
    ({ HostConfig }) => caps(HostConfig.CapAdd, HostConfig.CapDrop),
  ],
  ["security", ({ securityOpts }) => list(securityOpts), ({ HostConfig }) => list(HostConfig.SecurityOpt)],
  ["command", ({ command }) => words(command), ({ Config }) => words(Config.Cmd)],
  ["entrypoint", ({ entrypoints }) => words(entrypoints), ({ Config }) => words(Config.Entrypoint)],
  ["mounts", mounts, ({ HostConfig }) => mountsOf(HostConfig)],
  ["folders in memory", ({ tmpfs }) => pairs(tmpfs), ({ HostConfig }) => pairs(HostConfig.Tmpfs)],
  ["shared memory", ({ shmSize }) => size(shmSize), ({ HostConfig }) => size(HostConfig.ShmSize / MEBIBYTE)],
  [
    "published ports",
    ({ ports }) => list((ports ?? []).map(port)),
    ({ HostConfig }) => published(HostConfig),
  ],
  [
    "network",
    // Any other is one of `networksAdvanced`; the provider may fill in its name here.
    ({ networkMode }) => (networkMode === "host" ? networkMode : undefined),
    ({ HostConfig }) => HostConfig.NetworkMode,
  ],
  ["process namespace", ({ pidMode }) => pidMode ?? "", ({ HostConfig }) => HostConfig.PidMode ?? ""],
  [
    "health check",
    ({ healthcheck }) => healthcheck && words(healthcheck.tests),
    ({ Config }) => words(Config.Healthcheck?.Test),
  ],
  ["log", ({ logDriver }) => logDriver, ({ HostConfig }) => HostConfig.LogConfig?.Type],
  ["log options", ({ logOpts }) => pairs(logOpts), ({ HostConfig }) => pairs(HostConfig.LogConfig?.Config)],
  ["stop signal", ({ stopSignal }) => stopSignal, ({ Config }) => Config.StopSignal],
  ["stop timeout", ({ stopTimeout }) => stopTimeout, ({ Config }) => Config.StopTimeout],
  ["name", ({ name }) => name, ({ Name }) => Name.replace(/^\//, "")],
];

/** Names of variables that may have been given a secret by hand. */
const SECRET = /pass|secret|token|key|credential|_url$/i;

/** What differs between a declared container and the one on the engine; `null` stands for a missing one. */
export function compareContainer(
  { inputs, id, secretEnvs }: { inputs: Inputs; id: string; secretEnvs: boolean },
  info: ContainerInfo | undefined,
  images: Engine["images"],
): Difference[] {
  if (!info) return [difference("presence", "container", null)];
  const found: Difference[] = [];
  if (info.Id !== id) found.push(difference("identity", id.slice(0, 12), info.Id.slice(0, 12)));
  for (const [aspect, declared, real] of ASPECTS) {
    const wanted = declared(inputs);
    const is = real(info) ?? null;
    if (wanted !== undefined && wanted !== is) found.push(difference(aspect, wanted, is));
  }
  const brought = images[info.Image];
  const labels = Object.fromEntries((inputs.labels ?? []).map(({ label, value }) => [label, value]));
  found.push(...entries("label", labels, info.Config.Labels ?? {}, brought?.Labels ?? {}));
  const env = entries("environment", split(inputs.envs), split(info.Config.Env), split(brought?.Env));
  found.push(
    ...env.map((one) =>
      secretEnvs || SECRET.test(one.aspect) ? { ...one, declared: null, found: null, concealed: true } : one,
    ),
  );
  found.push(...networks(inputs, info), ...state(info));
  return found;
}

function difference(aspect: string, declared: Value, found: Value, thing = ""): Difference {
  return { thing, aspect, declared: declared ?? null, found: found ?? null };
}

function state({ State }: ContainerInfo): Difference[] {
  if (!State.Running) return [difference("state", "running", State.Status)];
  if (State.Paused) return [difference("state", "running", "paused")];
  return State.Health?.Status === "unhealthy" ? [difference("health", "healthy", "unhealthy")] : [];
}

/** Names with values; what the image brings along isn't declared, and isn't drift either. */
function entries(
  thing: string,
  declared: Record<string, string>,
  found: Record<string, string>,
  brought: Record<string, string>,
): Difference[] {
  const names = [...new Set([...Object.keys(declared), ...Object.keys(found)])].sort();
  return names.flatMap((name) => {
    const wanted = declared[name] ?? (found[name] === brought[name] ? brought[name] : undefined);
    return wanted === found[name] ? [] : [difference(name, wanted, found[name], thing)];
  });
}

/** The declared networks with their aliases, and no others. */
function networks(inputs: Inputs, { NetworkSettings }: ContainerInfo): Difference[] {
  const declared = inputs.networksAdvanced ?? [];
  const joined = NetworkSettings.Networks;
  const missing = declared.flatMap(({ name, aliases }) => {
    if (!joined[name]) return [difference("network", name, null)];
    const lost = (aliases ?? []).filter((alias) => !joined[name]!.Aliases?.includes(alias));
    return lost.length > 0 ? [difference("network alias", list(lost), null, name)] : [];
  });
  const known = declared.map(({ name }) => name);
  const others = known.length > 0 ? Object.keys(joined).filter((name) => !known.includes(name)) : [];
  return [...missing, ...others.map((name) => difference("network", null, name))];
}

const size = (mebibytes: number | undefined): Value =>
  mebibytes === undefined ? undefined : `${mebibytes} MB`;
const flag = (value: boolean | undefined): Value => (value === undefined ? undefined : value ? "yes" : "no");
const list = (values: string[] | null | undefined): Value =>
  values === undefined ? undefined : [...(values ?? [])].sort().join(", ");
const words = (values: string[] | string | null | undefined): Value =>
  values === undefined ? undefined : [values ?? []].flat().join(" ");
const pairs = (map: Record<string, string> | null | undefined): Value =>
  map === undefined
    ? undefined
    : Object.entries(map ?? {})
        .filter(([key]) => key !== "__defaults")
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(" ");

function caps(adds: string[] | null | undefined, drops: string[] | null | undefined): string {
  const short = (names: string[] | null | undefined): string[] =>
    (names ?? []).map((name) => name.replace(/^CAP_/, "")).sort();
  return [...short(drops).map((name) => `-${name}`), ...short(adds).map((name) => `+${name}`)].join(" ");
}

function mounts({ mounts: binds = [], volumes = [] }: Inputs): string {
  const all = [
    ...binds.map((one) => mount(one.source, one.target, one.readOnly)),
    ...volumes.map((one) => mount(one.volumeName ?? one.hostPath ?? "", one.containerPath, one.readOnly)),
  ];
  return all.sort().join(", ");
}

function mountsOf({ Mounts, Binds }: ContainerInfo["HostConfig"]): string {
  const all = [
    ...(Mounts ?? []).map((one) => mount(one.Source, one.Target, one.ReadOnly)),
    ...(Binds ?? []).map((bind) => {
      const [source, target, options = ""] = bind.split(":");
      return mount(source!, target!, options.split(",").includes("ro"));
    }),
  ];
  return all.sort().join(", ");
}

const mount = (source: string, target: string, readOnly?: boolean): string =>
  `${source}:${target}${readOnly ? ":ro" : ""}`;

const port = ({ ip, external, internal, protocol }: NonNullable<Inputs["ports"]>[number]): string =>
  `${ip ?? "0.0.0.0"}:${external}->${internal}/${protocol ?? "tcp"}`;

function published({ PortBindings }: ContainerInfo["HostConfig"]): Value {
  const all = Object.entries(PortBindings ?? {});
  return list(
    all.flatMap(([inside, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}->${inside}`),
    ),
  );
}

function split(list: string[] | null | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
}
