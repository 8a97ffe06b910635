import { relative } from "node:path";
import { asFlag, asList, asMap, asPairs, asText, isMap, type Json, type JsonMap } from "./compose/json.ts";
import { argv, type Service } from "./compose/service.ts";
import { bytes, size } from "./compose/units.ts";
import { members, type Group } from "./group.ts";
import type { Mounts } from "./mounts.ts";
import { label } from "./names.ts";
import type { Notes } from "./notes.ts";
import { httpPort } from "./ports.ts";
import { compact, healthOf, nonEmpty, processOf } from "./process.ts";
import type { Variables } from "./variables.ts";

export interface Parts {
  variables: Variables;
  mounts: Mounts;
  jobs: JsonMap;
  needs: string[];
  routes: JsonMap[];
  /** The project's folder, which paths of builds are relative to. */
  root: string;
  /** Paths of its files in the project, by their place in the container. */
  files: JsonMap[];
  notes: Notes;
}

const SINGLE = /beat|sched|cron|clock/i;

/** An application as the stack file spells it; `fit` takes out what the schema doesn't know. */
export function appOf(group: Group, parts: Parts): JsonMap {
  const { web } = group;
  // Without a web process the first one is the application itself.
  const [first, ...others] = members(group) as [Service, ...Service[]];
  const { variables, mounts, notes } = parts;
  if (/^(127\.|localhost[:/])/.test(first.image ?? ""))
    notes.add(
      first.name,
      `image: ${first.image ?? ""}`,
      "different",
      "It is kept, and the server finds no registry of this machine under that name: name a registry that it reaches, or build: FOLDER.",
    );
  const secrets = secretsOf(variables);
  const { command, entrypoint, replicas, resources, stop } = processOf(first);
  const processes = Object.fromEntries(others.map((one) => [label(one.name), worker(one, notes)]));
  return compact({
    ...imageOf(first, parts.root),
    port: web ? httpPort(web) : undefined,
    entrypoint,
    command,
    replicas,
    exclusive: isExclusive(group, parts) ? true : undefined,
    needs: parts.needs.length > 0 ? parts.needs : undefined,
    routes: parts.routes.length > 0 ? parts.routes : undefined,
    health: healthOf(first, web !== undefined),
    resources,
    processes: nonEmpty(processes),
    release: releaseOf(group, notes),
    jobs: nonEmpty(parts.jobs),
    environment: nonEmpty(variables.environment),
    secrets,
    secretsAs: variables.asVariables ? "environment" : undefined,
    ...stores(variables, notes),
    volumes: nonEmpty(mounts.volumes),
    files: parts.files.length > 0 ? parts.files : undefined,
    tmpfs: nonEmpty(mounts.tmpfs),
    ...containerOf(members(group), notes),
    readOnly: asFlag(first.raw.read_only) ? undefined : false,
    stop,
  });
}

function imageOf({ image, build }: Service, root: string): JsonMap {
  if (!build) return compact({ image });
  const context = asText(build.context) ?? ".";
  const place = context.startsWith("/") ? relative(root, context) || "." : context;
  const own = compact({
    context: place.startsWith(".") ? place : `./${place}`,
    dockerfile: asText(build.dockerfile),
    target: asText(build.target),
    args: nonEmpty(asPairs(build.args)),
  });
  return { build: Object.keys(own).length === 1 ? own.context! : own };
}

const isSingle = ({ name, command = [] }: Service): boolean => SINGLE.test(`${name} ${command.join(" ")}`);

function worker(service: Service, notes: Notes): JsonMap {
  const single = isSingle(service);
  if (single)
    notes.add(
      service.name,
      "command",
      "different",
      "It looks like a scheduler, so it never runs twice: `single: true`. Take that out if it may.",
    );
  return compact({ ...processOf(service), single: single || undefined, health: healthOf(service, false) });
}

/** A list, unless one goes under another name. */
function secretsOf({ secrets }: Variables): Json | undefined {
  const entries = Object.entries(secrets);
  if (entries.length === 0) return undefined;
  return entries.every(([variable, secret]) => variable === secret)
    ? entries.map(([, secret]) => secret)
    : secrets;
}

function stores({ databases, caches }: Variables, notes: Notes): JsonMap {
  const [database, another] = [...databases];
  if (another)
    notes.add(
      another.service.name,
      "image",
      "not",
      "The application used more than one Postgres. Give the second one its database by hand: databases.",
    );
  const extensions = database?.extensions ?? [];
  return compact({
    database: database
      ? compact({ name: database.name, extensions: extensions.length > 0 ? extensions : undefined })
      : undefined,
    cache: caches.size > 0 ? {} : undefined,
  });
}

function releaseOf({ once, web, workers }: Group, notes: Notes): JsonMap | undefined {
  const hooks = (web ? [web, ...workers] : workers).flatMap(({ name, raw }) =>
    asList(raw.pre_start).map((hook) => ({ name, command: argv(asMap(hook).command) })),
  );
  const [first, ...others] = [
    ...once.map(({ name, command, entrypoint }) => ({ name, command: command ?? entrypoint })),
    ...hooks,
  ];
  for (const { name } of others)
    notes.add(name, "command", "not", "There is one release command. Let it call this one too.");
  if (first && !first.command)
    notes.add(
      first.name,
      "command",
      "not",
      "What it does is in its image: write its command under release.command.",
    );
  return first?.command ? { command: first.command } : undefined;
}

/**
 * An application that keeps its data in files alone may hold them open as SQLite and its like do, and two releases at
 * once would spoil them.
 */
function isExclusive({ web, workers }: Group, { mounts, variables, notes }: Parts): boolean {
  if (!web && isSingle(workers[0]!)) return true;
  if (!web || Object.keys(mounts.volumes).length === 0 || variables.databases.size > 0) return false;
  notes.add(
    web.name,
    "volumes",
    "different",
    "It keeps its data in files, so the old release stops before the new one starts: `exclusive: true`. Take that out if two may use them at once.",
  );
  return true;
}

function containerOf(services: readonly Service[], notes: Notes): JsonMap {
  const all = (key: string): Json[] => services.flatMap(({ raw }) => asList(raw[key]));
  const one = (key: string): Json | undefined =>
    services.map(({ raw }) => raw[key]).find((value) => value !== undefined && value !== null);
  const capabilities = [
    ...new Set(all("cap_add").map((name) => (asText(name) ?? "").replace(/^CAP_/i, "").toUpperCase())),
  ];
  const shm = bytes(asText(one("shm_size")));
  const user = asText(one("user"));
  const groups = all("group_add").map(Number).filter(Number.isInteger);
  if (user !== undefined && !/^\d+(:\d+)?$/.test(user))
    notes.add(
      services[0]!.name,
      `user: ${user}`,
      "not",
      "Only numbers are the same everywhere: `docker run --rm IMAGE id` shows those of the name.",
    );
  return compact({
    capabilities: capabilities.length > 0 ? capabilities : undefined,
    ulimits: nonEmpty(
      Object.assign({}, ...services.map(({ raw }) => ulimits(asMap(raw.ulimits)))) as JsonMap,
    ),
    init: services.some(({ raw }) => asFlag(raw.init)) || undefined,
    groups: groups.length > 0 ? groups : undefined,
    hosts: nonEmpty(Object.assign({}, ...services.map((service) => hosts(service, notes))) as JsonMap),
    shm: shm ? size(shm) : undefined,
    user: user !== undefined && /^\d+(:\d+)?$/.test(user) ? user : undefined,
  });
}

function ulimits(map: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [
      name,
      isMap(value) ? { soft: Number(value.soft), hard: Number(value.hard) } : Number(value),
    ]),
  );
}

/** `name:address`, `name=address`, or a map. */
function hosts({ name, raw }: Service, notes: Notes): JsonMap {
  const rows = isMap(raw.extra_hosts)
    ? Object.entries(raw.extra_hosts).map(
        ([host, address]) => [host, asText(asList(address)[0]) ?? ""] as const,
      )
    : asList(raw.extra_hosts).map((row) => {
        const [, host = "", address = ""] = /^([^:=]+)[:=](.*)$/.exec(asText(row) ?? "") ?? [];
        return [host, address.replace(/^\[|\]$/g, "")] as const;
      });
  const kept = rows.filter(([, address]) => address !== "host-gateway");
  if (kept.length < rows.length)
    notes.add(
      name,
      "extra_hosts: host-gateway",
      "not",
      "The server itself is no neighbour of its containers. Declare what runs there as an application.",
    );
  return Object.fromEntries(kept);
}
