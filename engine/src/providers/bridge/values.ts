import { UNKNOWN } from "../contract.ts";
import type { Props, Value } from "../contract.ts";

/** Key under which checked inputs list the properties that hold a default. */
export const DEFAULTS = "__defaults";

export function isProps(value: Value | undefined): value is Props {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

/** The names of the properties that hold a default; undefined in a state from before that list existed. */
export function defaultsOf(inputs: Props | undefined): string[] | undefined {
  const list = inputs?.[DEFAULTS];
  return Array.isArray(list) ? list.filter((name) => typeof name === "string") : undefined;
}

/** The value without the lists of defaults, at any depth. */
export function withoutDefaults<T extends Value>(value: T): T {
  const walk = (v: Value): Value => {
    if (Array.isArray(v)) return v.map(walk);
    if (!isProps(v)) return v;
    return Object.fromEntries(
      Object.entries(v)
        .filter(([key]) => key !== DEFAULTS)
        .map(([key, member]) => [key, walk(member)]),
    );
  };
  return walk(value) as T;
}

/** Null, false, zero, empty text, or a collection without members: upstream's schema doesn't distinguish them. */
export function isZero(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isProps(value) && Object.keys(value).length === 0;
}

/** A text that is equal for equal values: keys sorted, members that are zero left out. */
export function identity(value: Value | undefined): string {
  const plain = (v: Value | undefined): unknown => {
    if (v === UNKNOWN) return { "\u0000": "unknown" };
    if (isZero(v)) return null;
    if (Array.isArray(v)) return v.map(plain);
    if (!isProps(v)) return v;
    const kept = Object.entries(v).filter(([key, member]) => key !== DEFAULTS && !isZero(member));
    return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, m]) => [k, plain(m)]));
  };
  return JSON.stringify(plain(value)) ?? "null";
}

/** Appends a key to a property path: `a.b`, `a["b.c"]`, `a[0]`. */
export function join(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (/[^A-Za-z0-9_]/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
