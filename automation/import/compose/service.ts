import { asList, asMap, asPairs, asText, isMap, type Json, type JsonMap } from "./json.ts";
import { dependencies } from "./merge.ts";
import type { Facts } from "../facts.ts";
import { words } from "./words.ts";

export interface Port {
  target: number;
  published?: number;
  protocol: string;
  /** Address of the host that it is bound to. */
  host?: string;
}

export interface Mount {
  type: string;
  source?: string;
  target: string;
  readOnly: boolean;
  options: JsonMap;
}

/** One service of a Compose file in its long form. */
export interface Service {
  name: string;
  /** What the file says, with `extends` and `env_file` followed. */
  raw: JsonMap;
  image?: string;
  build?: JsonMap;
  command?: string[];
  entrypoint?: string[];
  environment: Record<string, string>;
  ports: Port[];
  expose: number[];
  mounts: Mount[];
  labels: Record<string, string>;
  /** Names of services, and what it waits for. */
  dependsOn: Record<string, string>;
  profiles: string[];
  secrets: Grant[];
  configs: Grant[];
  /** What a file of another kind says of it. */
  facts?: Facts;
}

/** A secret or config that a service gets as a file. */
export interface Grant {
  source: string;
  target: string;
}

/** @param variables what a variable without a value gets its value from */
export function service(name: string, raw: JsonMap, variables: Readonly<Record<string, string>>): Service {
  const pairs = asPairs(raw.environment);
  return {
    name,
    raw,
    image: asText(raw.image),
    build: isMap(raw.build) ? raw.build : undefined,
    command: argv(raw.command),
    entrypoint: argv(raw.entrypoint),
    environment: Object.fromEntries(
      Object.entries(pairs).map(([key, value]) => [key, value ?? variables[key] ?? ""]),
    ),
    ports: asList(raw.ports).flatMap(ports),
    expose: asList(raw.expose).map((one) => Number.parseInt(asText(one) ?? "", 10)),
    mounts: [...asList(raw.volumes).map(mount), ...asList(raw.tmpfs).map(tmpfs)],
    labels: labels(raw),
    dependsOn: Object.fromEntries(
      Object.entries(dependencies(raw.depends_on)).map(([other, one]) => [
        other,
        asText(one.condition) ?? "service_started",
      ]),
    ),
    profiles: asList(raw.profiles).map((one) => asText(one) ?? ""),
    secrets: asList(raw.secrets).map((one) => grant(one, "/run/secrets/")),
    configs: asList(raw.configs).map((one) => grant(one, "/")),
  };
}

function labels(raw: JsonMap): Record<string, string> {
  const all = { ...asPairs(raw.labels), ...asPairs(asMap(raw.deploy).labels) };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, value ?? ""]));
}

/** A command as arguments; Compose splits text into words, and runs no shell. */
export function argv(value: Json | undefined): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? words(value) : asList(value).map((one) => asText(one) ?? "");
}

/** `[[address:]host:]container[/protocol]`, ranges included, or the long form. */
function ports(value: Json): Port[] {
  if (isMap(value)) {
    const published = Number.parseInt(asText(value.published) ?? "", 10);
    const [protocol, host] = [asText(value.protocol) ?? "tcp", asText(value.host_ip)];
    return [{ target: Number(value.target), published: published || undefined, protocol, host }];
  }
  const [rest = "", protocol = "tcp"] = (asText(value) ?? "").split("/");
  const [, host, outside, inside = ""] = /^(?:(.*):)??(?:([\d-]*):)?([\d-]+)$/.exec(rest) ?? [];
  const [first = 0, last = first] = inside.split("-").map(Number);
  const start = outside ? Number(outside.split("-")[0]) : undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    target: first + index,
    published: start === undefined ? undefined : start + index,
    protocol,
    host: host?.replace(/^\[|\]$/g, ""),
  }));
}

function mount(value: Json): Mount {
  if (isMap(value)) {
    const { type, source, target, read_only: readOnly, ...options } = value;
    return {
      type: asText(type) ?? "volume",
      source: asText(source),
      target: asText(target) ?? "",
      readOnly: readOnly === true,
      options,
    };
  }
  const [first = "", inside, mode = ""] = (asText(value) ?? "").split(":");
  const isPath = /^[/.~]/.test(first);
  if (inside === undefined) return { type: "volume", target: first, readOnly: false, options: {} };
  return {
    type: isPath ? "bind" : "volume",
    source: first,
    target: inside,
    readOnly: mode.split(",").includes("ro"),
    options: {},
  };
}

/** `/run:size=64m,mode=1777`. */
function tmpfs(value: Json): Mount {
  const [target = "", options = ""] = (asText(value) ?? "").split(":");
  const pairs = asPairs(options.split(",").filter((one) => one !== ""));
  return { type: "tmpfs", target, readOnly: false, options: { tmpfs: pairs } };
}

function grant(value: Json, folder: string): Grant {
  if (!isMap(value)) return { source: asText(value) ?? "", target: `${folder}${asText(value) ?? ""}` };
  const source = asText(value.source) ?? "";
  const target = asText(value.target) ?? source;
  return { source, target: target.startsWith("/") ? target : `${folder}${target}` };
}
