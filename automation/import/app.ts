import { relative } from "node:path";
import { asFlag, asList, asMap, asPairs, asText, type Json, type JsonMap } from "./compose/json.ts";
import { argv, type Service } from "./compose/service.ts";
import { containerOf } from "./container.ts";
import { members, type Group } from "./group.ts";
import type { Homes } from "./homes.ts";
import type { Mounts } from "./mounts.ts";
import { label } from "./names.ts";
import type { Notes } from "./notes.ts";
import { httpPort } from "./ports.ts";
import { compact, healthOf, nonEmpty, processOf, workerHealth } from "./process.ts";
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
  /** Where old databases go. */
  homes: Homes;
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
    health: nonEmpty({
      ...first.facts?.health,
      ...healthOf(first, web !== undefined && !first.facts?.health.path),
    }),
    resources,
    processes: nonEmpty(processes),
    release: releaseOf(group, notes),
    jobs: nonEmpty(parts.jobs),
    environment: nonEmpty(variables.environment),
    secrets,
    secretsAs: variables.asVariables ? "environment" : undefined,
    database: ownDatabase(variables, parts.homes, notes),
    volumes: nonEmpty(mounts.volumes),
    files: parts.files.length > 0 ? parts.files : undefined,
    tmpfs: nonEmpty(mounts.tmpfs),
    ...containerOf(members(group), notes),
    readOnly: asFlag(first.raw.read_only) ? undefined : false,
    stop,
    ...first.facts?.app,
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
  return compact({ ...processOf(service), single: single || undefined, health: workerHealth(service) });
}

/** A list, unless one goes under another name. */
function secretsOf({ secrets }: Variables): Json | undefined {
  const entries = Object.entries(secrets);
  if (entries.length === 0) return undefined;
  return entries.every(([variable, secret]) => variable === secret)
    ? entries.map(([, secret]) => secret)
    : secrets;
}

function ownDatabase({ databases }: Variables, homes: Homes, notes: Notes): JsonMap | undefined {
  const [database, another] = [...databases];
  if (another)
    notes.add(
      another.service.name,
      "image",
      "not",
      "The application used more than one Postgres. Give the second one its database by hand: databases.",
    );
  for (const extension of database?.extensions ?? [])
    notes.add(
      database!.service.name,
      `image: ${database!.service.image ?? ""}`,
      "not",
      `The stack's Postgres has no ${extension}. Where the application needs it, run that database elsewhere, and give its address as a secret.`,
    );
  const home = database && homes.get(database);
  return home && !home.isShared ? { name: home.name } : undefined;
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
