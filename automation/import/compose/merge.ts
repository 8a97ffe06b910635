import { asList, asPairs, asText, isMap, type Json, type JsonMap } from "./json.ts";

/** Keys whose later value replaces the earlier one as a whole (Compose Specification, 13-merge). */
const REPLACED = new Set(["command", "entrypoint", "test"]);
/** Keys that are the same written as rows or as a map. */
const PAIRS = new Set(["environment", "labels", "args", "annotations", "sysctls"]);
/** Lists whose members are told apart by where they end up in the container. */
const BY_TARGET = new Set(["volumes", "secrets", "configs"]);

/** One mapping over another: maps are merged, lists are joined, everything else is replaced. */
export function merge(base: JsonMap, over: JsonMap): JsonMap {
  const result: JsonMap = { ...base };
  for (const [key, value] of Object.entries(over)) result[key] = mergeValue(key, base[key], value);
  return result;
}

function mergeValue(key: string, base: Json | undefined, over: Json): Json {
  if (base === undefined || base === null || REPLACED.has(key)) return over;
  if (PAIRS.has(key)) return { ...asPairs(base), ...asPairs(over) };
  if (key === "depends_on") return { ...dependencies(base), ...dependencies(over) };
  if (isMap(base) && isMap(over)) return merge(base, over);
  if (!Array.isArray(base) && !Array.isArray(over)) return over;
  const [before, after] = [asList(base), asList(over)];
  const targets = after.map(target);
  const kept = BY_TARGET.has(key) ? before.filter((one) => !targets.includes(target(one))) : before;
  return [...new Map([...kept, ...after].map((one) => [JSON.stringify(one), one])).values()];
}

/** `depends_on` as a map: a plain name waits for the start. */
export function dependencies(value: Json | undefined): Record<string, JsonMap> {
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, isMap(one) ? one : {}]));
  return Object.fromEntries(
    asList(value).map((name) => [asText(name) ?? "", { condition: "service_started" }]),
  );
}

function target(one: Json): string | undefined {
  if (isMap(one)) return asText(one.target) ?? asText(one.source);
  const [source, inside] = (asText(one) ?? "").split(":");
  return inside ?? source;
}
