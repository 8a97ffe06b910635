import { createHash } from "node:crypto";
import { UNKNOWN, UnsupportedError } from "../contract.ts";
import type { CheckFailure, Props, Value } from "../contract.ts";
import type { Field, Fields } from "./fields.ts";
import { DEFAULTS, defaultsOf, isProps, isZero, join } from "./values.ts";

/** A name like the official automatic ones: the resource's name, `-`, 7 hex digits from the seed. */
export function automaticName(urn: string, seed: Uint8Array): string {
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  return `${name}-${createHash("sha256").update(seed).update(urn).digest("hex").slice(0, 7)}`;
}

/**
 * Validates inputs against the fields and fills in defaults, listing them under `__defaults` as the official bridge
 * does: false, 0 and empty defaults are left out, and a default once recorded stays.
 * @param nameFor makes the automatic name where `name` is left out; undefined: the type has none
 * @throws UnsupportedError for a property this engine leaves to the official CLI
 */
export function checkInputs(
  type: string,
  fields: Fields,
  olds: Props | undefined,
  news: Props,
  nameFor?: () => string,
): { inputs: Props; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string): void => void failures.push({ property, reason });

  const checkObject = (path: string, of: Fields, old: Props | undefined, given: Props): Props => {
    const out: Props = {};
    for (const [key, value] of Object.entries(given)) {
      if (key === DEFAULTS || value === null || value === undefined) continue;
      const field = of[key];
      const where = join(path, key);
      if (!field || field.output || field.unsupported)
        throw new UnsupportedError(`property "${where}" of ${type}`);
      out[key] = checkValue(where, field, old?.[key], value);
    }
    const kept = defaultsOf(old);
    const defaults: string[] = [];
    for (const [key, field] of Object.entries(of)) {
      if (out[key] !== undefined || field.output) continue;
      const previous = old?.[key];
      const reusable = previous !== undefined && previous !== null && (kept?.includes(key) ?? true);
      const automatic = path === "" && key === "name" ? nameFor : undefined;
      const fallback = automatic ?? (field.default === undefined ? undefined : () => field.default!);
      if (fallback && (reusable || automatic || !isZero(field.default))) {
        out[key] = reusable ? previous : fallback();
        defaults.push(key);
      } else if (field.required) {
        fail(join(path, key), `missing required property "${join(path, key)}" of ${type}`);
      }
    }
    out[DEFAULTS] = defaults.sort();
    return out;
  };

  const checkValue = (path: string, field: Field, old: Value | undefined, value: Value): Value => {
    if (value === UNKNOWN) return value;
    if (field.kind === "list" || field.kind === "set") {
      if (!Array.isArray(value)) return mismatch(path, "a list", value);
      const element: Field = field.of ? { kind: "one", of: field.of } : { kind: "string" };
      const olds = Array.isArray(old) ? old : [];
      return value.map((member, i) => checkValue(join(path, i), element, olds[i], member));
    }
    if (field.kind === "one" || field.kind === "map") {
      if (!isProps(value)) return mismatch(path, "an object", value);
      if (field.kind === "one")
        return checkObject(path, field.of ?? {}, isProps(old) ? old : undefined, value);
      const string: Field = { kind: "string" };
      return Object.fromEntries(
        Object.entries(value).map(([k, v]) => [k, checkValue(join(path, k), string, undefined, v)]),
      );
    }
    return checkScalar(path, field, value);
  };

  const checkScalar = (path: string, field: Field, value: Value): Value => {
    let out = value;
    if (field.kind === "string" && (typeof value === "number" || typeof value === "boolean"))
      out = String(value);
    if (field.kind === "number" && typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value))
      out = Number(value);
    if (field.kind === "bool" && (value === "true" || value === "false")) out = value === "true";
    const wanted = field.kind === "bool" ? "boolean" : field.kind;
    if (typeof out !== wanted) return mismatch(path, `a ${wanted}`, value);
    if (field.valid && typeof out !== "boolean" && !field.valid(out as string | number))
      fail(path, `expected ${field.expected}, got ${JSON.stringify(out)}`);
    return out;
  };

  const mismatch = (path: string, wanted: string, value: Value): Value => {
    const got = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
    fail(path, `expected ${wanted}, got ${got}`);
    return value;
  };

  return { inputs: checkObject("", fields, olds, news), failures };
}
