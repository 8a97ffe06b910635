import { asMap, asText, isMap, type Json, type JsonMap } from "../compose/json.ts";
import type { Notes } from "../notes.ts";
import { rowOf } from "../table.ts";
import { execOf } from "./hooks.ts";

/** Groups with keys of their own, by the key that holds them. */
const GROUPS: Readonly<Record<string, string>> = {
  proxy: "kamal-proxy",
  env: "kamal-env",
  builder: "kamal-builder",
  registry: "kamal-registry",
  ssh: "kamal-ssh",
  options: "kamal-option",
};

/** What became of every key. */
export function sayKamal(content: JsonMap, app: string, notes: Notes): void {
  sayGroup("kamal", undefined, "", content, notes);
  for (const [role, own] of Object.entries(asMap(content.servers)))
    if (isMap(own)) sayGroup("kamal-role", role, "", own, notes);
  for (const [name, own] of Object.entries(asMap(content.accessories)))
    sayGroup("kamal-accessory", name, "", asMap(own), notes);
  for (const [name, value] of Object.entries(asMap(content.aliases)))
    notes.add(undefined, `aliases: ${name}`, "different", aliasOf(asText(value) ?? "", app));
}

function sayGroup(
  group: string,
  service: string | undefined,
  prefix: string,
  map: JsonMap,
  notes: Notes,
): void {
  for (const [key, value] of Object.entries(map)) {
    if (key.startsWith("x-") || value === null) continue;
    const inner = GROUPS[key];
    const row = rowOf(`${group}.${key}`);
    if (row) notes.add(service, `${prefix}${key}`, row.outcome, row.text);
    if (inner !== undefined && isMap(value)) sayInner(inner, service, `${prefix}${key}.`, value, notes);
    else if (!row && isMap(value)) sayGroup(`${group}.${key}`, service, `${prefix}${key}.`, value, notes);
    else if (!row) sayUnknown(group, service, `${prefix}${key}`, notes);
  }
}

/** Variables without `clear` and `secret` have no rows: each is one of the environment. */
function sayInner(
  group: string,
  service: string | undefined,
  prefix: string,
  map: JsonMap,
  notes: Notes,
): void {
  const isFlat = group === "kamal-env" && !["clear", "secret", "tags"].some((key) => key in map);
  if (!isFlat) return sayDeep(group, service, prefix, map, notes);
}

function sayDeep(
  group: string,
  service: string | undefined,
  prefix: string,
  map: JsonMap,
  notes: Notes,
): void {
  for (const [key, value] of Object.entries(map) as [string, Json][]) {
    const row = rowOf(`${group}.${key}`);
    if (row) notes.add(service, `${prefix}${key}`, row.outcome, row.text);
    else if (isMap(value)) sayDeep(`${group}.${key}`, service, `${prefix}${key}.`, value, notes);
    else sayUnknown(group, service, `${prefix}${key}`, notes);
  }
}

function sayUnknown(group: string, service: string | undefined, key: string, notes: Notes): void {
  const text =
    group === "kamal-option"
      ? "Containers get no such option of docker run."
      : "It is no key of Kamal's documentation.";
  notes.add(service, key, "not", text);
}

/** What an alias is here. */
function aliasOf(text: string, app: string): string {
  const command = execOf(text);
  const verb = /--reuse\b/.test(text) ? "exec" : "run";
  if (command) return `npm run ${verb} -- --app ${app} -- ${command.join(" ")}`;
  if (/\bapp logs\b/.test(text))
    return `npm run logs -- --app ${app}${/\s(-f|--follow)\b/.test(text) ? " --follow" : ""}`;
  return "Kamal's command has no short form here; docs/automation.md has the commands that there are.";
}
