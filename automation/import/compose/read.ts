import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { parseDocument } from "yaml";
import { UserError } from "../../lib/errors.ts";
import { expand, interpolate, type Variables } from "./interpolate.ts";
import type { Facts } from "../facts.ts";
import type { Notes } from "../notes.ts";
import { COMPOSE, type Old } from "../old.ts";
import { asList, asMap, asPairs, asText, isMap, type Json, type JsonMap } from "./json.ts";
import { merge } from "./merge.ts";
import { validate } from "./validate.ts";

/** A whole Compose application: files merged, variables filled in, `extends` and `include` followed. */
export interface Project {
  name?: string;
  /** Folder of the first file; paths in it are relative to it. */
  folder: string;
  services: Record<string, JsonMap>;
  /** The other groups of the top level, such as volumes and secrets. */
  rest: JsonMap;
  /** Variables that were set nowhere, and files that were not there. */
  missing: string[];
  absentFiles: string[];
  variables: Readonly<Record<string, string>>;
  /** How its containers and volumes are reached. */
  old: Old;
  /** What a file of another kind says of services, by name, and of the stack; what became of its keys; and its secrets. */
  facts?: Readonly<Record<string, Facts>>;
  settings?: JsonMap;
  notes?: Notes;
  secrets?: Readonly<Record<string, string>>;
}

interface Reading {
  variables: Variables;
  absentFiles: Set<string>;
}

/**
 * Reads Compose files, a later one over an earlier one, with the variables of `.env` beside the first; the shell's own
 * come first, as in Compose.
 * @throws UserError for a file that is missing, is no YAML, or isn't what the specification allows
 */
export function readProject(files: readonly string[], environment: NodeJS.ProcessEnv = process.env): Project {
  const folder = dirname(resolve(files[0]!));
  const own = Object.entries(environment).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  const values = { ...dotenv(join(folder, ".env")), ...Object.fromEntries(own) };
  const reading: Reading = { variables: { values, missing: new Set() }, absentFiles: new Set() };
  const content = files
    .map((file) => readFile(resolve(file), folder, reading))
    .reduce((before, after) => merge(before, after));
  const { services, name, include: _include, version: _version, ...rest } = content;
  return {
    name: asText(name),
    folder,
    services: asMap(services) as Record<string, JsonMap>,
    rest,
    missing: [...reading.variables.missing].sort(),
    absentFiles: [...reading.absentFiles],
    variables: values,
    old: COMPOSE,
  };
}

/** Variables of a file in the form of `.env`; none where there is no such file. */
export function dotenv(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  const found = parseEnv(readFileSync(path, "utf8")) as Record<string, string>;
  const variables = { values: found, missing: new Set<string>() };
  return Object.fromEntries(
    Object.entries(found).map(([key, value]) => [
      key,
      value.includes("${") ? expand(value, variables) : value,
    ]),
  );
}

function readYaml(path: string): Json {
  return parseYaml(path, readText(path));
}

/** @throws UserError for a file that is missing */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(
      `${path} can't be read: ${(error as Error).message}.`,
      "Name the file that is to be taken over.",
    );
  }
}

/** @throws UserError for text that isn't YAML */
export function parseYaml(path: string, text: string): Json {
  const document = parseDocument(text, { merge: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem)
    throw new UserError(
      `${path} can't be read: ${problem.message}`,
      "Correct it and run the same command again.",
    );
  return document.toJS({ maxAliasCount: 10_000 }) as Json;
}

/** @param folder what relative paths of the file are relative to, in the end: that of the first file */
function readFile(path: string, folder: string, reading: Reading): JsonMap {
  const content = interpolate(readYaml(path), reading.variables);
  validate(path, content);
  const here = dirname(path);
  const services = Object.fromEntries(
    Object.keys(asMap(content.services)).map((name) => [
      name,
      service(content, name, path, folder, reading, []),
    ]),
  );
  const included = asList(content.include).flatMap((entry) => {
    const paths = isMap(entry) ? asList(entry.path) : [entry];
    return paths.map((one) => readFile(resolve(here, asText(one) ?? ""), folder, reading));
  });
  return [...included, { ...content, services }].reduce((before, after) => merge(before, after));
}

/** A service with what it extends. */
function service(
  file: JsonMap,
  name: string,
  path: string,
  folder: string,
  reading: Reading,
  trail: string[],
): JsonMap {
  const own = asMap(file.services)[name];
  const mark = `${path}#${name}`;
  if (!isMap(own))
    throw new UserError(`${path} has no service ${name}, which another one extends.`, "Correct extends.");
  if (trail.includes(mark)) throw new UserError(`${name} in ${path} extends itself.`, "Correct extends.");
  const { extends: extended, ...rest } = rebased(own, dirname(path), folder, reading);
  if (extended === undefined || extended === null) return rest;
  const from = asText(extended) ?? asText(asMap(extended).service) ?? "";
  const other = asText(asMap(extended).file);
  const place = other === undefined ? path : resolve(dirname(path), other);
  const source = place === path ? file : (interpolate(readYaml(place), reading.variables) as JsonMap);
  if (place !== path) validate(place, source);
  return merge(service(source, from, place, folder, reading, [...trail, mark]), rest);
}

/** A service whose `env_file` is read into its environment, and whose paths are absolute. */
function rebased(own: JsonMap, here: string, _folder: string, reading: Reading): JsonMap {
  const result: JsonMap = { ...own };
  const files = asList(own.env_file).map((entry) =>
    resolve(here, asText(entry) ?? asText(asMap(entry).path) ?? ""),
  );
  if (files.length > 0) {
    for (const file of files) if (!existsSync(file)) reading.absentFiles.add(file);
    const read = files.map(dotenv).reduce((before, after) => ({ ...before, ...after }), {});
    result.environment = { ...read, ...asPairs(own.environment) };
  }
  if (own.build !== undefined) result.build = build(own.build, here);
  if (own.volumes !== undefined) result.volumes = asList(own.volumes).map((one) => mount(one, here));
  return result;
}

function build(value: Json, here: string): Json {
  const group = isMap(value) ? value : { context: value };
  const context = asText(group.context) ?? ".";
  return { ...group, context: /^(https?|git|ssh):|^git@/.test(context) ? context : resolve(here, context) };
}

function mount(value: Json, here: string): Json {
  const relative = (source: string): string =>
    /^\.{1,2}(\/|$)/.test(source) ? resolve(here, source) : source;
  if (isMap(value)) {
    const source = asText(value.source);
    return value.type === "bind" && source !== undefined
      ? { ...value, source: resolve(here, source) }
      : value;
  }
  const [source = "", ...inside] = (asText(value) ?? "").split(":");
  const home = source.startsWith("~") ? source.replace("~", process.env.HOME ?? "~") : source;
  return inside.length === 0 ? value : [relative(home), ...inside].join(":");
}
