import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { asList, asMap, asText, isMap, type JsonMap } from "../compose/json.ts";
import { dotenv, parseYaml, readText, type Project } from "../compose/read.ts";
import { appName } from "../names.ts";
import { Notes } from "../notes.ts";
import { compact } from "../process.ts";
import { render } from "./erb.ts";
import { hooksOf } from "./hooks.ts";
import { figureOf } from "./proxy.ts";
import { sayKamal } from "./say.ts";
import { isUnknown, readSecrets, unknownSecret } from "./secrets.ts";
import {
  accessoryName,
  accessoryOf,
  hostsOf,
  primaryOf,
  roleOf,
  rolesOf,
  type Kamal,
  type Told,
} from "./services.ts";
import { remote } from "../old.ts";

/** Whether a file is Kamal's `deploy.yml` rather than a Compose file. */
export function isKamal(path: string): boolean {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return /^service:/m.test(text) && !/^services:/m.test(text);
}

/**
 * Reads Kamal's `deploy.yml`, and that of a destination over it, as a project of services. Secrets come from `.kamal`, and
 * variables from `.env` and the shell; no command of them is run.
 * @throws UserError for a file that is missing, is no YAML, or names no service
 */
export function readKamal(files: readonly string[], environment: NodeJS.ProcessEnv = process.env): Project {
  const here = dirname(resolve(files[0]!));
  const root = basename(here) === "config" ? dirname(here) : here;
  const own = Object.entries(environment).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  const variables = { ...dotenv(join(root, ".env")), ...Object.fromEntries(own) };
  const notes = new Notes();
  const content = files.map((file) => readFile(resolve(file), variables, notes)).reduce(over);
  const service = asText(content.service);
  if (service === undefined)
    throw new UserError(`${files[0]!} names no service.`, "Name the file that has it first.");
  const secrets = readSecrets(secretFiles(root, files, content), root, variables);
  const release = hooksOf(resolve(root, asText(content.hooks_path) ?? ".kamal/hooks"), notes);
  const kamal: Kamal = { content, root, secrets, release, notes };
  const told = toldOf(service, kamal);
  const accessories = Object.fromEntries(
    Object.keys(asMap(content.accessories)).map((name) => [accessoryName(name, content), name]),
  );
  const registry = registryOf(kamal);
  sayKamal(content, appName(service), notes);
  return {
    name: service,
    folder: root,
    services: Object.fromEntries(Object.entries(told).map(([name, { raw }]) => [name, raw])),
    facts: Object.fromEntries(Object.entries(told).map(([name, { facts }]) => [name, facts])),
    rest: {},
    missing: [],
    absentFiles: [],
    variables: {},
    notes,
    secrets: registry.secrets,
    settings: compact({
      registries: registry.settings,
      server: serverOf(content),
    }),
    old: remote(sshOf(content), (name) =>
      name in accessories
        ? name
        : `$(docker ps -aq --latest --filter label=service=${service} --filter label=role=${name === service ? primaryOf(content) : name})`,
    ),
  };
}

function readFile(path: string, variables: Readonly<Record<string, string>>, notes: Notes): JsonMap {
  const { text, missing, left } = render(readText(path), variables);
  for (const name of missing)
    notes.add(
      undefined,
      `ENV["${name}"]`,
      "different",
      "It is set nowhere, so it is empty. Set it and import again, or correct the stack file.",
    );
  for (const one of left) notes.add(undefined, one, "not", "No Ruby is run: it is left out.");
  return asMap(parseYaml(path, text));
}

/** One file over another: maps are merged, everything else is replaced. */
function over(base: JsonMap, other: JsonMap): JsonMap {
  const result: JsonMap = { ...base };
  for (const [key, value] of Object.entries(other)) {
    const before = base[key];
    result[key] = isMap(before) && isMap(value) ? over(before, value) : value;
  }
  return result;
}

/** Files of secrets; those of a destination, `deploy.staging.yml`, have its name at their end. */
function secretFiles(root: string, files: readonly string[], { secrets_path: path }: JsonMap): string[] {
  const plain = resolve(root, asText(path) ?? ".kamal/secrets");
  const destination = /^deploy\.(.+)\.ya?ml$/.exec(basename(files.at(-1)!))?.[1];
  return [`${plain}-common`, destination === undefined ? plain : `${plain}.${destination}`];
}

/** Services by name: the primary role has the application's, accessories those of their containers. */
function toldOf(service: string, kamal: Kamal): Record<string, Told> {
  const primary = primaryOf(kamal.content);
  const roles = Object.keys(rolesOf(kamal.content)).map((name) => [
    name === primary ? service : name,
    roleOf(name, kamal),
  ]);
  const accessories = Object.keys(asMap(kamal.content.accessories)).map((name) => [
    accessoryName(name, kamal.content),
    accessoryOf(name, kamal),
  ]);
  return Object.fromEntries([...roles, ...accessories]) as Record<string, Told>;
}

/** Logins: that of the whole file, and those of accessories. */
function registryOf({ content, secrets, notes }: Kamal): {
  settings?: JsonMap;
  secrets: Record<string, string>;
} {
  const logins: JsonMap = {};
  const values: Record<string, string> = {};
  const all = [
    content.registry,
    ...Object.values(asMap(content.accessories)).map((one) => asMap(one).registry),
  ];
  for (const registry of all.filter(isMap)) {
    const host = asText(registry.server) ?? "docker.io";
    if (/^(localhost|127\.)/.test(host) || registry.username === undefined) continue;
    const [user, word] = [registry.username, registry.password].map((one) => credential(one, secrets));
    if (!user || isUnknown(user.value) || !word) {
      notes.add(
        undefined,
        "registry.username",
        "not",
        `Nobody knows the value: write registries.${host} by hand.`,
      );
      continue;
    }
    const password = word.secret ?? "KAMAL_REGISTRY_PASSWORD";
    logins[host] = { username: user.value, password };
    values[password] = word.value;
  }
  return { settings: Object.keys(logins).length > 0 ? logins : undefined, secrets: values };
}

/** Plain text, or the name of a secret in a list. */
function credential(
  value: JsonMap[string] | undefined,
  secrets: Readonly<Record<string, string>>,
): { value: string; secret?: string } | undefined {
  const name = Array.isArray(value) ? asText(asList(value)[0]) : undefined;
  if (name !== undefined) return { value: secrets[name] ?? unknownSecret(name), secret: name };
  const text = asText(value);
  return text === undefined ? undefined : { value: text };
}

const serverOf = ({ retain_containers: keep }: JsonMap): JsonMap | undefined => {
  const count = figureOf(keep);
  return count === undefined ? undefined : { keepImages: count };
};

/** How the old server is reached. */
function sshOf(content: JsonMap): string {
  const { user, port } = asMap(content.ssh);
  const host = hostsOf(rolesOf(content)[primaryOf(content)]!.hosts)[0]?.host ?? "OLD-SERVER";
  return `ssh ${port === undefined ? "" : `-p ${asText(port)!} `}${asText(user) ?? "root"}@${host}`;
}
