import { z } from "zod";
import { checkSecrets, checkSecretValues, type NeedsSecrets } from "./check/secrets.ts";
import { ConfigError, fromIssues } from "./problems.ts";
import { appCache, appDatabase, appDatabases } from "./schema/app/data.ts";
import { stackSchema, type StackConfig } from "./schema/index.ts";

/** Top-level keys that are secrets rather than settings: `CLAUDE_API_KEY`. */
const SECRET_KEY = /^[A-Z][A-Z0-9_]*$/;

/** A stack file's values: settings and secrets. */
export interface Parsed {
  config: StackConfig;
  /** Secrets by name, in plain text: never print, never put into a resource's name. */
  secrets: Record<string, string>;
}

/**
 * Reads a stack's raw configuration (`project:key` → text; objects as JSON, the way Pulumi hands them over).
 * @throws ConfigError with every problem of form at once.
 */
export function parse(project: string, stack: string, raw: Readonly<Record<string, string>>): Parsed {
  const settings: Record<string, unknown> = {};
  const secrets: Record<string, string> = {};
  for (const [full, text] of Object.entries(raw)) {
    const [namespace, key] = [full.slice(0, full.indexOf(":")), full.slice(full.indexOf(":") + 1)];
    if (namespace !== project) continue;
    if (SECRET_KEY.test(key)) secrets[key] = text;
    else settings[key] = decode(text);
  }
  const result = stackSchema.safeParse(settings, { reportInput: true });
  if (result.success) return { config: result.data, secrets };
  const missing = checkSecrets(stack, secretNeeds(settings), (name) => name in secrets);
  const malformed = fromIssues(stack, result.error.issues, knownKeys);
  const others = missing.filter(({ path }) => malformed.every((problem) => problem.path !== path));
  throw new ConfigError(stack, [...malformed, ...others, ...checkSecretValues(stack, secrets)]);
}

/** The secrets that applications ask for, as far as they can be read when other settings are wrong. */
function secretNeeds(settings: Record<string, unknown>): { apps: Record<string, NeedsSecrets> } {
  const needs = z.array(z.string()).catch([]);
  const secrets = z.union([z.array(z.string()), z.record(z.string(), z.string())]).catch([]);
  const database = appDatabase.catch(undefined);
  const databases = appDatabases.catch({});
  const cache = appCache.catch(undefined);
  const app = z
    .object({ needs, secrets, database, databases, cache })
    .catch({ needs: [], secrets: [], database: undefined, databases: {}, cache: undefined });
  return { apps: z.record(z.string(), app).catch({}).parse(settings.apps) };
}

/** Pulumi gives objects and lists as JSON text, and everything else as it is in the file. */
function decode(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The settings that exist at a path; numbers and names of records lead to the element's own settings. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  let nodes = forms(z.toJSONSchema(stackSchema, { io: "input" }) as JsonSchema);
  for (const part of path) {
    nodes = nodes.flatMap(({ properties, items, additionalProperties: others }) => {
      const next = properties?.[String(part)] ?? items ?? others;
      return typeof next === "object" ? forms(next) : [];
    });
  }
  return nodes.flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** A setting may have several forms. */
const forms = (node: JsonSchema): JsonSchema[] => [node, ...(node.anyOf ?? []).flatMap(forms)];

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
}
