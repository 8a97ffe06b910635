import type { Props, Value } from "../contract.ts";
import { isProps } from "../bridge/values.ts";
import { goDuration, nanoseconds } from "./duration.ts";
import { dict, int, items, labelMap, str, strs } from "./convert.ts";

/** How one property looks in the engine's API. Undefined: leave it out, or keep what the state has. */
export interface Codec {
  send(value: Value | undefined): unknown;
  read(api: unknown): Value | undefined;
}

const MIB = 1024 * 1024;

export const asText: Codec = { send: str, read: (api) => (api as string | undefined) ?? "" };
export const asFlag: Codec = { send: (value) => value === true, read: (api) => api === true };
export const asCount: Codec = { send: int, read: (api) => (api as number | undefined) ?? 0 };
export const asTexts: Codec = {
  send: strs,
  read: (api) => (typeof api === "string" ? [api] : ((api as string[] | null | undefined) ?? [])),
};
export const asMap: Codec = { send: dict, read: (api) => dict((api as Props | null) ?? null) ?? null };
export const asLabels: Codec = { send: labelMap, read: () => undefined };

/** Mebibytes here, bytes there; −1 (no limit) on both sides. */
export const asMebibytes: Codec = {
  send(value) {
    const n = int(value);
    return n !== undefined && n > 0 ? n * MIB : n;
  },
  read: (api) => (Number(api ?? 0) > 0 ? Math.floor(Number(api) / MIB) : Number(api ?? 0)),
};

/** Whole CPUs are recorded with one decimal and others without trailing zeros, as upstream does it. */
export const asCpus: Codec = {
  send: (value) => (str(value) === undefined ? undefined : Math.round(Number(value) * 1e9)),
  read(api) {
    if (!api) return undefined;
    const digits = (Number(api) / 1e9).toFixed(9);
    return digits.split("0").length - 1 === 9 ? (Number(api) / 1e9).toFixed(1) : digits.replace(/0+$/, "");
  },
};

type Health = {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  Retries?: number;
  StartPeriod?: number;
  StartInterval?: number;
};
export const asHealthcheck: Codec = {
  send(value) {
    if (!isProps(value)) return undefined;
    const startInterval = nanoseconds(value["startInterval"]);
    return {
      Test: strs(value["tests"]) ?? [],
      Interval: nanoseconds(value["interval"]),
      Timeout: nanoseconds(value["timeout"]),
      StartPeriod: nanoseconds(value["startPeriod"]),
      Retries: int(value["retries"]) ?? 0,
      // Engines before 25 refuse the field.
      ...(startInterval ? { StartInterval: startInterval } : {}),
    };
  },
  read(api) {
    if (!api) return undefined;
    const check = api as Health;
    return {
      interval: goDuration(check.Interval),
      retries: check.Retries ?? 0,
      startInterval: goDuration(check.StartInterval),
      startPeriod: goDuration(check.StartPeriod),
      tests: check.Test ?? [],
      timeout: goDuration(check.Timeout),
    };
  },
};

type Mount = {
  Type: string;
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  BindOptions?: { Propagation?: string };
  VolumeOptions?: { NoCopy?: boolean };
};

function sendMount(given: Props): Mount {
  const type = String(given["type"]);
  const mount: Mount = {
    Type: type,
    Source: str(given["source"]) ?? "",
    Target: String(given["target"]),
    ReadOnly: given["readOnly"] === true,
  };
  const bind = given["bindOptions"];
  if (type === "bind" && isProps(bind)) mount.BindOptions = { Propagation: str(bind["propagation"]) };
  const volume = given["volumeOptions"];
  if (type === "volume" && isProps(volume)) mount.VolumeOptions = { NoCopy: volume["noCopy"] === true };
  return mount;
}

function readMount(mount: Mount): Props {
  return {
    bindOptions: mount.BindOptions ? { propagation: mount.BindOptions.Propagation ?? "" } : null,
    readOnly: mount.ReadOnly ?? false,
    source: mount.Source ?? "",
    target: mount.Target,
    tmpfsOptions: null,
    type: mount.Type,
    volumeOptions: mount.VolumeOptions ? { noCopy: mount.VolumeOptions.NoCopy ?? false } : null,
  };
}

export const asMounts: Codec = {
  send: (value) => items(value).map(sendMount),
  read: (api) => ((api as Mount[] | null | undefined) ?? []).map(readMount),
};

/** `name:address`, as in a line of `/etc/hosts`. */
export const asHosts: Codec = {
  send: (value) => items(value).map(({ host, ip }) => `${String(host)}:${String(ip)}`),
  read: (api) =>
    ((api as string[] | null | undefined) ?? []).map((line) => {
      const [host = "", ip = ""] = line.split(":");
      return { host, ip };
    }),
};

type Ulimit = { Name: string; Soft: number; Hard: number };
export const asUlimits: Codec = {
  send: (value) =>
    items(value).map(({ name, soft, hard }) => ({ Name: String(name), Soft: int(soft), Hard: int(hard) })),
  read: (api) =>
    ((api as Ulimit[] | null | undefined) ?? []).map(({ Name, Soft, Hard }) => ({
      hard: Hard,
      name: Name,
      soft: Soft,
    })),
};
