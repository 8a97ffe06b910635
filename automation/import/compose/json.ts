/** A value as YAML or JSON holds it. */
export type Json = null | boolean | number | string | Json[] | JsonMap;

export interface JsonMap {
  [key: string]: Json;
}

export const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value as a map; empty where it is none. */
export const asMap = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});

/** A list, or the only member of one: many keys of the specification take both. */
export const asList = (value: Json | undefined): Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** A scalar as text; `undefined` for anything else. */
export const asText = (value: Json | undefined): string | undefined =>
  value === undefined || value === null || typeof value === "object" ? undefined : String(value);

/** A switch; after interpolation it may be text. */
export const asFlag = (value: Json | undefined): boolean => value === true || asText(value) === "true";

/** `KEY=value` rows or a map, as a map; a key without a value gets `null`. */
export function asPairs(value: Json | undefined): Record<string, string | null> {
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asText(one) ?? null]));
  return Object.fromEntries(
    asList(value).map((row) => {
      const text = asText(row) ?? "";
      const at = text.indexOf("=");
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
