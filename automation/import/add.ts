import { isMap, parseDocument } from "yaml";
import { UserError } from "../lib/errors.ts";
import { PROJECT } from "../lib/project-name.ts";
import { readStackFile, type Edit } from "../lib/stack-file-edit.ts";
import { asMap, asText, type Json, type JsonMap } from "./compose/json.ts";
import type { Notes } from "./notes.ts";

/** The stack that applications come to: its settings as its file has them, and the names of its secrets. */
export interface Present {
  settings: JsonMap;
  secrets: readonly string[];
}

/** @throws UserError where there is no such stack file */
export function readPresent(stack: string, root: string): Present {
  const text = readStackFile(stack, { root, local: "" });
  const config = asMap(asMap(parseDocument(text).toJS() as Json).config);
  if (text === "" || !isMap(parseDocument(text).get("config")))
    throw new UserError(
      `There is no Pulumi.${stack}.yaml that applications could come to.`,
      "Leave out --add to have it written, or name another stack with --stack.",
    );
  const own = Object.entries(config).flatMap(([key, value]) => {
    const [first, rest] = key.split(":");
    if (rest !== undefined && first !== PROJECT) return [];
    return [[rest ?? key, value] as const];
  });
  return {
    settings: Object.fromEntries(own.filter(([name]) => !isSecret(name))),
    secrets: own.map(([name]) => name).filter(isSecret),
  };
}

const isSecret = (name: string): boolean => /^[A-Z]/.test(name);

/** Groups whose members stand beside those that are there. */
const GROUPS: readonly (readonly string[])[] = [["edge", "subdomains"], ["sites"], ["registries"]];

/**
 * What a stack file gets for further applications. What it says already stays.
 * @param made the settings of a stack with these applications alone
 * @throws UserError for an application whose name is taken
 */
export function additions(present: JsonMap, made: JsonMap, notes: Notes): Edit[] {
  const taken = Object.keys(asMap(made.apps)).find((name) => name in asMap(present.apps));
  if (taken !== undefined)
    throw new UserError(
      `The stack has an application ${taken} already.`,
      "Give the service another name in its file, or take that application out of the stack file.",
    );
  const apps = Object.entries(asMap(made.apps)).map(([name, one]): Edit => [["apps", name], one]);
  const members = GROUPS.flatMap((path) =>
    Object.entries(asMap(at(made, path))).flatMap(([name, one]): Edit[] => {
      if (!(name in asMap(at(present, path)))) return [[[...path, name], one]];
      notes.add(
        undefined,
        [...path, name].join("."),
        "not",
        "The stack has it already, and it stays as it is.",
      );
      return [];
    }),
  );
  return [...apps, ...members, ...stores(present, made, notes)];
}

function stores(present: JsonMap, made: JsonMap, notes: Notes): Edit[] {
  const on = ["database", "cache"].flatMap((store): Edit[] =>
    at(made, [store, "enabled"]) !== false && at(present, [store, "enabled"]) === false
      ? [[[store, "enabled"], undefined]]
      : [],
  );
  const policy = at(made, ["cache", "policy"]);
  const isNew = policy !== undefined && at(present, ["cache", "policy"]) === undefined;
  if (isNew)
    notes.add(
      undefined,
      "cache.policy",
      "different",
      "It is noeviction for all applications now, because one queues.",
    );
  const [wanted, found] = [made, present].map((one) => asText(at(one, ["versions", "postgres"])));
  if (wanted !== undefined && Number.parseInt(wanted, 10) > Number.parseInt(found ?? "0", 10))
    notes.add(
      undefined,
      "versions.postgres",
      "not",
      `The old Postgres is of version ${Number.parseInt(wanted, 10)}. Where the stack's is older, it may not read its dump.`,
    );
  return isNew ? [...on, [["cache", "policy"], policy]] : on;
}

const at = (map: JsonMap, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((node, key) => asMap(node)[key], map);

/** The settings with these changes. */
export function changed(settings: JsonMap, edits: readonly Edit[]): JsonMap {
  const result = structuredClone(settings);
  for (const [path, value] of edits) {
    const last = path.at(-1)!;
    let group = result;
    for (const key of path.slice(0, -1)) group = group[key] = asMap(group[key]);
    if (value === undefined) delete group[last];
    else group[last] = value as Json;
  }
  return result;
}
