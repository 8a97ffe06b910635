import { basename, dirname, join } from "node:path";
import { check } from "../../config/check/index.ts";
import { stackSchema } from "../../config/schema/index.ts";
import { asMap, asText, type JsonMap } from "./compose/json.ts";
import type { Project } from "./compose/read.ts";
import { service as toService, type Service } from "./compose/service.ts";
import { appOf } from "./app.ts";
import { moves, type Move } from "./data.ts";
import { fit } from "./fit.ts";
import { homesOf } from "./homes.ts";
import { groups, members, type Group } from "./group.ts";
import { jobsOf } from "./jobs.ts";
import { mountsOf, type FileMount, type Mounts } from "./mounts.ts";
import { label } from "./names.ts";
import { Notes, type Note } from "./notes.ts";
import { httpPort, otherPorts } from "./ports.ts";
import { compact, nonEmpty } from "./process.ts";
import { hostsOf, roleOf, type Role } from "./roles.ts";
import { plan } from "./plan.ts";
import { FoundSecrets } from "./secrets.ts";
import { oldCache, oldDatabase } from "./stores.ts";
import { sayKeys, sayMisfit, sayRole, sayTop } from "./say.ts";
import { cacheOf, databaseOf, versionsOf } from "./store-settings.ts";
import type { Target } from "./target.ts";
import { variablesOf, type Sources } from "./variables.ts";

/** A stack file's settings, and all that a person has to know. */
export interface Conversion {
  settings: JsonMap;
  notes: Note[];
  secrets: FoundSecrets;
  /** Files to copy into the project: place there → absolute path here, or the text. */
  files: { place: string; source?: string; content?: string }[];
  moves: Move[];
  /** Where its commands are typed. */
  where: string;
  /** What the schema demands and the file didn't say, and what the program would refuse. */
  lacking: string[];
}

/** A Compose application as a stack. Reads files beside the Compose file, and changes nothing. */
export function convert(project: Project, target: Target): Conversion {
  const notes = project.notes ?? new Notes();
  const all = Object.entries(project.services).map(([name, raw]) => ({
    ...toService(name, raw, project.variables),
    facts: project.facts?.[name],
  }));
  const active = all.filter((one) => isActive(one, target, notes));
  const role = (wanted: Role): Service[] => active.filter((one) => roleOf(one) === wanted);
  for (const one of active) sayRole(one, notes);
  const applications = role("application");
  if (!project.facts) {
    for (const one of applications) sayKeys(one, notes);
    sayTop(project, notes);
  }

  const secrets = new FoundSecrets();
  for (const [name, value] of Object.entries(project.secrets ?? {})) secrets.claim("stack", name, value);
  const stores = { databases: role("database").map(oldDatabase), caches: role("cache").map(oldCache) };
  const applied = groups(applications, notes);
  const sources: Sources = {
    stores,
    rest: project.rest,
    folder: project.folder,
    variables: project.variables,
    secrets,
    renamed: renamed(applied),
    notes,
  };
  const places = plan(applied, applications, target, notes);
  const taken = new Map<string, string>();
  const files: Conversion["files"] = [];
  const apps: JsonMap = {};
  const kept: { group: Group; mounts: Mounts }[] = [];
  const system = label(project.name ?? basename(project.folder));
  const variablesBy = new Map(
    applied.map((group) => [group, variablesOf(group.name, [...members(group), ...group.once], sources)]),
  );
  const users = stores.databases.map(
    (old) =>
      [
        old,
        applied.filter((group) => variablesBy.get(group)!.databases.has(old)).map(({ name }) => name),
      ] as const,
  );
  const homes = homesOf(new Map(users.filter(([, names]) => names.length > 0)), system, notes);
  for (const group of applied) {
    const mounts = mountsOf(members(group), taken, group.name, notes);
    mounts.files.push(...configFiles(members(group), project, notes));
    const variables = variablesBy.get(group)!;
    const needs = needsOf(
      group,
      applied,
      active,
      [...variables.databases].map((one) => homes.get(one)!.isShared),
      variables.caches.size > 0,
    );
    const jobs = jobsOf(members(group), asMap(project.rest.jobs), notes);
    const own = mounts.files.map(({ path, source, content }) => {
      const place = placeOf(group.name, path, mounts.files);
      files.push({ place, source, content });
      return { source: place, path };
    });
    const routes = places.routes.get(group.name) ?? [];
    apps[group.name] = appOf(group, {
      variables,
      mounts,
      jobs,
      needs,
      routes,
      root: target.root,
      files: own,
      homes,
      notes,
    });
    kept.push({ group, mounts });
    for (const port of group.web ? otherPorts(group.web, httpPort(group.web)) : [])
      notes.add(
        group.web!.name,
        `ports: ${port}`,
        "not",
        "The edge answers on 80 and 443 only. Where applications have ports of their own, declare it by hand; the firewall is closed for everything else.",
      );
  }
  const settings: JsonMap = compact({
    name: system,
    domain: places.domain,
    versions: versionsOf(role("database"), notes),
    registries: project.settings?.registries,
    server: nonEmpty({
      ...asMap(project.settings?.server),
      address: target.address,
      hostKey: target.hostKey,
    }),
    certificates: nonEmpty({ email: target.email ?? places.email }),
    database: databaseOf(role("database"), apps, system, homes),
    cache: cacheOf(role("cache"), apps),
    edge: nonEmpty({ subdomains: nonEmpty(places.subdomains) }),
    sites: nonEmpty(places.sites),
    apps,
  });
  const fitted = fit(settings);
  for (const { path, message } of fitted.misfits) sayMisfit(path, message, notes);
  for (const name of project.missing)
    notes.add(
      undefined,
      `\${${name}}`,
      "different",
      "It is set nowhere, so it is empty, as for Compose. Put it into .env and import again, or correct the stack file.",
    );
  for (const file of project.absentFiles)
    notes.add(undefined, `env_file: ${file}`, "not", "There is no such file, so its variables are missing.");
  const remaining = asMap(fitted.settings.apps);
  return {
    settings: fitted.settings,
    notes: notes.all,
    secrets,
    files: files.filter(({ place }) => JSON.stringify(remaining).includes(JSON.stringify(place))),
    moves: moves(
      stores,
      kept.filter(({ group }) => group.name in remaining),
      fitted.settings,
      target,
      project.old,
      homes,
    ),
    where: project.old.where,
    lacking: [
      ...fitted.lacking.map((path) => `${path.join(".")}: it is needed, and nothing said it`),
      ...problems(fitted.settings, target.stack, secrets),
    ],
  };
}

/** Names under which web processes were reached, where the application has another; an address may be that of many. */
function renamed(applied: readonly Group[]): Map<string, string> {
  return new Map(
    applied.flatMap(({ name, web }) =>
      (web ? hostsOf(web) : [])
        .filter((host) => host !== name && !/[.:]/.test(host))
        .map((host) => [host, name] as const),
    ),
  );
}

/** What the program would refuse although the schema takes it, apart from secrets that the report asks for. */
function problems(settings: JsonMap, stack: string, secrets: FoundSecrets): string[] {
  const parsed = stackSchema.safeParse(settings);
  if (!parsed.success) return [];
  const asked = Object.fromEntries(secrets.missing().map((name) => [name, `asked for: ${name}`]));
  return check(stack, parsed.data, { ...secrets.known(), ...asked }).map(
    ({ path, message, remedy }) => `${path}: ${message}. ${remedy}`,
  );
}

function isActive(service: Service, { profiles = [] }: Target, notes: Notes): boolean {
  const active = service.profiles.length === 0 || service.profiles.some((one) => profiles.includes(one));
  if (!active)
    notes.add(
      service.name,
      "profiles",
      "different",
      `Left out: it belongs to ${service.profiles.join(", ")}. --profile takes it.`,
    );
  return active;
}

/** Configs of Compose, as files of the project. */
function configFiles(
  services: readonly Service[],
  { rest, folder, variables }: Project,
  notes: Notes,
): FileMount[] {
  return services.flatMap(({ name, configs }) =>
    configs.flatMap(({ source, target }): FileMount[] => {
      const declared = asMap(asMap(rest.configs)[source]);
      const variable = asText(declared.environment);
      const content =
        asText(declared.content) ?? (variable === undefined ? undefined : (variables[variable] ?? ""));
      if (content !== undefined) return [{ path: target, content }];
      const file = asText(declared.file);
      if (file === undefined) notes.add(name, `configs: ${source}`, "not", "Its content is not in the file.");
      return file === undefined ? [] : [{ path: target, source: join(folder, file) }];
    }),
  );
}

/** Where a file stands in the project: beside others of its application, under its own name. */
function placeOf(app: string, path: string, files: readonly FileMount[]): string {
  const twice = files.filter((one) => basename(one.path) === basename(path)).length > 1;
  const name = twice ? `${label(dirname(path))}-${basename(path)}` : basename(path);
  return `files/${app}/${name}`;
}

function needsOf(
  group: Group,
  all: readonly Group[],
  active: readonly Service[],
  shared: readonly boolean[],
  cache: boolean,
): string[] {
  const waits = members(group).flatMap(({ dependsOn }) => Object.keys(dependsOn));
  const roles = active.filter(({ name }) => waits.includes(name)).map(roleOf);
  const others = all.filter(
    (other) => other !== group && members(other).some(({ name }) => waits.includes(name)),
  );
  const web = others.filter(({ web: one }) => one !== undefined).map(({ name }) => name);
  return [
    ...(shared[0] || (shared.length === 0 && roles.includes("database")) ? ["database"] : []),
    ...(cache || roles.includes("cache") ? ["cache"] : []),
    ...web,
  ];
}
