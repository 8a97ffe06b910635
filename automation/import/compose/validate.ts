import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ErrorObject } from "ajv/dist/2020.js";
import { UserError } from "../../lib/errors.ts";
import type { Json, JsonMap } from "./json.ts";

/** The Compose Specification's own schema. */
export const specification = JSON.parse(readFileSync(join(__dirname, "compose-spec.json"), "utf8")) as {
  $defs: Record<string, { properties: Record<string, Json> }>;
  properties: Record<string, Json>;
};

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, allowUnionTypes: true });

/**
 * Checks a file against the specification.
 * @throws UserError with every place that it doesn't allow
 */
export function validate(file: string, content: Json): asserts content is JsonMap {
  const check =
    ajv.getSchema("fairlead:compose") ??
    ajv.compile({ $id: "fairlead:compose", ...withoutId(specification) });
  if (check(content)) return;
  const rows = problems(check.errors ?? []);
  throw new UserError(
    `${file} isn't what the Compose Specification allows:\n${rows.map((row) => `  ${row}`).join("\n")}`,
    "docker compose config shows the same; correct it and run the same command again.",
  );
}

const withoutId = (schema: object): object =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$id" && key !== "id"));

/** The deepest places only: a wrong value makes every alternative above it wrong too. */
function problems(errors: readonly ErrorObject[]): string[] {
  const deepest = errors.filter(
    ({ instancePath }) => !errors.some((other) => other.instancePath.startsWith(`${instancePath}/`)),
  );
  const byPlace = new Map<string, Set<string>>();
  for (const { instancePath, message = "", params, keyword } of deepest) {
    if (keyword === "oneOf" || keyword === "anyOf") continue;
    const names = Object.values(params as Record<string, unknown>)
      .flat()
      .join(", ");
    const place = instancePath.slice(1).replaceAll("/", ".") || "the file";
    const detail = /Properties$/.test(keyword) ? `unknown key ${names}` : message;
    byPlace.set(place, (byPlace.get(place) ?? new Set()).add(detail));
  }
  return [...byPlace].map(([place, details]) => `${place}: ${[...details].join(", or ")}`);
}
