import { existsSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { asList, asMap, asPairs, asText, isMap, type Json, type JsonMap } from "../compose/json.ts";
import type { Facts } from "../facts.ts";
import type { Notes } from "../notes.ts";
import { compact } from "../process.ts";
import { envOf } from "./env.ts";
import { optionsOf } from "./options.ts";
import { answersOf, figureOf, secondsOf } from "./proxy.ts";

/** The whole of a Kamal file, with what stands beside it. */
export interface Kamal {
  content: JsonMap;
  /** Folder of the application, which paths are relative to. */
  root: string;
  /** Secrets by name. */
  secrets: Readonly<Record<string, string>>;
  /** The command that prepares a release. */
  release?: string[];
  notes: Notes;
}

/** A service in Compose's words, and what they can't say. */
export interface Told {
  raw: JsonMap;
  facts: Facts;
}

/** Hosts with their tags: `[1.2.3.4, {1.2.3.5: [one, two]}]`. */
export function hostsOf(list: Json | undefined): { host: string; tags: string[] }[] {
  return asList(list).flatMap((one) =>
    isMap(one)
      ? Object.entries(one).map(([host, tags]) => ({
          host,
          tags: asList(tags).flatMap((tag) => asText(tag) ?? []),
        }))
      : [{ host: asText(one) ?? "", tags: [] }],
  );
}

/** Roles by name; a list of servers is the role web. */
export function rolesOf({ servers }: JsonMap): Record<string, JsonMap> {
  if (!isMap(servers)) return { web: { hosts: servers ?? [] } };
  return Object.fromEntries(
    Object.entries(servers).map(([name, own]) => [name, isMap(own) ? own : { hosts: own }]),
  );
}

export function primaryOf(content: JsonMap): string {
  const names = Object.keys(rolesOf(content));
  const wanted = asText(content.primary_role) ?? "web";
  return names.includes(wanted) ? wanted : names[0]!;
}

/** A role: the service of the application, or a process beside it. */
export function roleOf(name: string, kamal: Kamal): Told {
  const { content, secrets, release } = kamal;
  const own = rolesOf(content)[name]!;
  const isPrimary = name === primaryOf(content);
  const env = envOf([content.env, own.env], hostsOf(own.hosts)[0]?.tags ?? [], secrets);
  const answers = isPrimary ? own.proxy !== false : own.proxy !== undefined && own.proxy !== false;
  const stop = figureOf(own.stop_timeout ?? content.stop_timeout);
  const repository = repositoryOf(content);
  const old = asMap(content.healthcheck);
  const proxy = mergeMaps(
    { ...compact({ app_port: old.port }), healthcheck: compact({ path: old.path }) },
    asMap(content.proxy),
    asMap(own.proxy),
  );
  const web = answers ? answersOf(proxy) : undefined;
  return {
    raw: compact({
      ...buildOf(kamal),
      command: own.cmd,
      environment: env.environment,
      volumes: [...asList(content.volumes), ...asList(asMap(own.options).volume)].flatMap((one) =>
        mount(one, name, kamal),
      ),
      ...optionsOf(asMap(own.options)),
      stop_grace_period: stop === undefined ? undefined : `${stop}s`,
    }),
    facts: {
      addresses: [],
      route: {},
      ...web,
      health: compact({ ...web?.health, within: secondsOf(content.deploy_timeout) }),
      app: compact({
        image: repository,
        drain: secondsOf(content.drain_timeout),
        release: isPrimary && release ? { command: release } : undefined,
      }),
      secrets: env.secrets,
      hosts: [],
    },
  };
}

function mergeMaps(...maps: readonly JsonMap[]): JsonMap {
  const result: JsonMap = {};
  for (const map of maps)
    for (const [key, value] of Object.entries(map))
      result[key] = isMap(value) ? mergeMaps(asMap(result[key]), value) : value;
  return result;
}

/** Where images go; a registry on this machine is the stack's own affair. */
function repositoryOf({ image, registry }: JsonMap): string | undefined {
  const { server } = asMap(registry);
  const host = asText(server);
  if (!isMap(registry) || /^(localhost|127\.)/.test(host ?? "")) return undefined;
  return [host, asText(image)].filter((part) => part !== undefined).join("/");
}

function buildOf({ content, root }: Kamal): JsonMap {
  const builder = asMap(content.builder);
  if (isMap(builder.pack)) return { image: repositoryOf(content) ?? asText(content.image) ?? "" };
  const context = resolve(root, asText(builder.context) ?? ".");
  const dockerfile = asText(builder.dockerfile);
  return {
    build: compact({
      context,
      // Kamal's is from the application's folder, a build's own from its context.
      dockerfile: dockerfile === undefined ? undefined : relative(context, resolve(root, dockerfile)),
      target: builder.target,
      args: builder.args,
    }),
  };
}

export const accessoryName = (name: string, content: JsonMap): string =>
  asText(asMap(asMap(content.accessories)[name]).service) ?? `${asText(content.service) ?? ""}-${name}`;

/** An accessory: a service of its own. */
export function accessoryOf(name: string, kamal: Kamal): Told {
  const { content, secrets } = kamal;
  const own = asMap(asMap(content.accessories)[name]);
  const env = envOf([own.env], [], secrets);
  const registry = asText(asMap(own.registry).server);
  const published = /(\d+)(\/\w+)?$/.exec(asText(own.port) ?? "")?.[1];
  const web = isMap(own.proxy) ? answersOf(own.proxy) : undefined;
  const hosts = [...asList(own.host), ...asList(own.hosts)].flatMap((one) => asText(one) ?? []);
  const service = accessoryName(name, content);
  return {
    raw: compact({
      image: [registry, asText(own.image)].filter((part) => part !== undefined).join("/"),
      command: own.cmd,
      environment: env.environment,
      volumes: [
        ...[...asList(own.volumes), ...asList(asMap(own.options).volume)].flatMap((one) =>
          mount(one, name, kamal),
        ),
        ...asList(own.directories).map((one) => folder(one, service)),
        ...asList(own.files).flatMap((one) => file(one, name, kamal)),
      ],
      ...optionsOf(asMap(own.options)),
    }),
    facts: {
      addresses: [],
      route: {},
      port: published === undefined ? undefined : Number(published),
      health: {},
      ...web,
      app: {},
      secrets: env.secrets,
      hosts: published === undefined ? [] : hosts,
    },
  };
}

/** A volume by name, or a folder of the old server; a file there is out of reach. */
function mount(value: Json, service: string, { notes }: Kamal): Json[] {
  const [source = "", target = "", options = ""] = (asText(value) ?? "").split(":");
  const isReadOnly = options.split(",").includes("ro");
  // A socket of the engine is refused where every mount is looked at.
  if (source.endsWith(".sock")) return [{ type: "bind", source, target }];
  if (!source.startsWith("/")) return [{ type: "volume", source, target, read_only: isReadOnly }];
  if (!/\.[A-Za-z0-9]{1,8}$/.test(source)) return [{ type: "folder", source, target, read_only: isReadOnly }];
  notes.add(
    service,
    `volumes: ${source}`,
    "not",
    `It is a file of the old server. Copy it into the project, and name it under files with path ${target}.`,
  );
  return [];
}

/** A folder that Kamal made in the home of its SSH user. */
function folder(value: Json, service: string): JsonMap {
  const [local = "", target = "", options = ""] = parts(value);
  const source = local.startsWith("/") ? local : `${service}/${local}`;
  return { type: "folder", source, target, read_only: options.split(",").includes("ro") };
}

function file(value: Json, service: string, { root, notes }: Kamal): Json[] {
  const [local = "", target = ""] = parts(value);
  const source = resolve(root, local);
  const say = (text: string): Json[] => {
    notes.add(service, `files: ${local}`, "not", text);
    return [];
  };
  if (local.endsWith(".erb")) return say("It is a template. Write the file as it has to be.");
  if (existsSync(source) && statSync(source).isDirectory())
    return say("It is a folder. Name each of its files.");
  return [{ type: "bind", source, target, read_only: true }];
}

function parts(value: Json): string[] {
  if (!isMap(value)) return (asText(value) ?? "").split(":");
  const { local, remote, options } = asPairs(value);
  return [local ?? "", remote ?? "", options ?? ""];
}
