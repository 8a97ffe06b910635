import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { asMap, asText, type JsonMap } from "./compose/json.ts";
import type { Service } from "./compose/service.ts";
import { setting, type Stores } from "./environment.ts";
import type { Notes } from "./notes.ts";
import { PROXY_VARIABLES } from "./routing.ts";
import type { FoundSecrets } from "./secrets.ts";
import type { OldCache, OldDatabase } from "./stores.ts";

/** Variables and secrets of an application. */
export interface Variables {
  environment: JsonMap;
  /** Variable of the application → secret of the stack. */
  secrets: Record<string, string>;
  /** Whether a secret has to arrive as a variable. */
  asVariables: boolean;
  databases: Set<OldDatabase>;
  caches: Set<OldCache>;
}

export interface Sources {
  stores: Stores;
  /** The file's own groups of secrets and configs. */
  rest: JsonMap;
  folder: string;
  variables: Readonly<Record<string, string>>;
  secrets: FoundSecrets;
  /** Names under which applications were reached before, and what they are called now. */
  renamed: ReadonlyMap<string, string>;
  notes: Notes;
}

/** A value with the names of applications as they are now: in an address, `name:port`, or alone where a host is meant. */
function readdressed(name: string, value: string, renamed: ReadonlyMap<string, string>): string {
  const isHost = /HOST|SERVER|ADDR|UPSTREAM|BACKEND/i.test(name);
  return [...renamed].reduce((text, [before, now]) => {
    if (text === before && isHost) return now;
    const word = before.replaceAll(/[^\w-]/g, "\\$&");
    return text
      .replaceAll(new RegExp(`(://(?:[^/@\\s]*@)?)${word}(?=[:/,]|$)`, "g"), `$1${now}`)
      .replace(new RegExp(`^${word}(?=:\\d+$)`), now);
  }, value);
}

export function variablesOf(app: string, services: readonly Service[], sources: Sources): Variables {
  const result: Variables = {
    environment: {},
    secrets: {},
    asVariables: false,
    databases: new Set(),
    caches: new Set(),
  };
  for (const service of services) {
    for (const { source, target } of service.secrets) grant(app, service, source, target, result, sources);
    for (const [name, value] of Object.entries(service.environment)) {
      if (PROXY_VARIABLES.test(name) || value in filesOf(service)) continue;
      if (name in result.environment || name in result.secrets) continue;
      variable(app, service, name, value, result, sources);
    }
  }
  return result;
}

function variable(
  app: string,
  { name: service, facts }: Service,
  name: string,
  given: string,
  result: Variables,
  sources: Sources,
): void {
  const value = readdressed(name, given, sources.renamed);
  const guess = setting(name, value, sources.stores);
  const secret = facts?.secrets[name];
  const found = secret !== undefined && !("uses" in guess) ? { secret: value } : guess;
  const key = `environment: ${name}`;
  // The value itself may be a secret.
  if (value !== given)
    sources.notes.add(
      service,
      key,
      "different",
      "It calls an application as the stack does: by its name here.",
    );
  if ("secret" in found) {
    result.secrets[name] = sources.secrets.claim(app, secret ?? name, found.secret);
    result.asVariables = true;
    return;
  }
  if (found.uses === undefined) return void (result.environment[name] = found.text);
  if (found.uses === "database") result.databases.add(found.from as OldDatabase);
  else result.caches.add(found.from as OldCache);
  result.environment[name] = found.text;
  result.asVariables = true;
  sources.notes.add(service, key, "different", `It names the stack's own ${found.uses}: ${found.text}`);
}

/** Paths of the secrets that a service gets as files. */
const filesOf = (service: Service): Record<string, true> =>
  Object.fromEntries(service.secrets.map(({ target }) => [target, true]));

/** A secret that Compose mounts as a file: under the variable that names the file, or its own name. */
function grant(
  app: string,
  service: Service,
  source: string,
  target: string,
  result: Variables,
  sources: Sources,
): void {
  const naming = Object.entries(service.environment).find(([, value]) => value === target)?.[0];
  const name = naming?.replace(/_FILE$/, "") ?? source.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  const secret = sources.secrets.claim(app, name, contentOf(source, sources));
  result.secrets[name] = secret;
  sources.notes.add(
    service.name,
    `secrets: ${source}`,
    "different",
    `It arrives as /run/secrets/${name} with ${name}_FILE set, or as ${name} where secretsAs is environment.`,
  );
}

function contentOf(source: string, { rest, folder, variables }: Sources): string {
  const declared = asMap(asMap(rest.secrets)[source]);
  const [file, variable] = [asText(declared.file), asText(declared.environment)];
  if (variable !== undefined) return variables[variable] ?? "";
  const path = file === undefined ? undefined : resolve(folder, file);
  return path !== undefined && existsSync(path) ? readFileSync(path, "utf8").trimEnd() : "";
}
