import { Secret, type Value } from "../providers/contract.ts";
import { isObject } from "./value.ts";

/** A parsed property path: `a.b[0]["c.d"]`, `list[*].x`. */
export type Path = (string | number)[];

/** Parses a property path. Throws on unbalanced brackets or quotes. */
export function parsePath(text: string): Path {
  const path: Path = [];
  const token = /\.?([^.["\]]+)|\[(\d+)\]|\[(\*)\]|\["((?:[^"\\]|\\.)*)"\]/y;
  let match: RegExpExecArray | null;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    match = token.exec(text);
    if (!match) throw new Error(`property path "${text}": can't read it from position ${at + 1}`);
    const [, name, index, star, quoted] = match;
    if (index !== undefined) path.push(Number(index));
    else path.push(name ?? star ?? quoted?.replace(/\\(.)/g, "$1") ?? "");
  }
  return path;
}

/** Writes a path back as text. */
export function formatPath(path: Path): string {
  return path
    .map((part, i) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[^.["\]]+$/.test(part)) return `["${part.replace(/["\\]/g, "\\$&")}"]`;
      return i === 0 ? part : `.${part}`;
    })
    .join("");
}

/** True when `outer` (with `*` for any element) is `inner` or a prefix of it. */
export function contains(outer: Path, inner: Path): boolean {
  return outer.length <= inner.length && outer.every((part, i) => part === "*" || part === inner[i]);
}

/**
 * Copies what `path` selects from `from` into a copy of `to` (the option `ignoreChanges`); absent there means removed
 * here. `*` takes every element.
 */
export function resetPath(from: Value | undefined, to: Value | undefined, path: Path): Value | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return from;
  if (to instanceof Secret || from instanceof Secret) {
    const plain = (v: Value | undefined): Value | undefined => (v instanceof Secret ? v.value : v);
    const value = resetPath(plain(from), plain(to), path);
    return value === undefined ? undefined : new Secret(value);
  }
  if (Array.isArray(to)) {
    const old = Array.isArray(from) ? from : [];
    if (typeof head !== "number" && head !== "*") return to;
    return to.map((v, i) =>
      (head === "*" || head === i) && i in old ? (resetPath(old[i], v, rest) ?? v) : v,
    );
  }
  if (!isObject(to) || typeof head === "number") return to;
  const old = isObject(from) ? from : {};
  const copy = { ...to };
  for (const key of head === "*" ? new Set([...Object.keys(old), ...Object.keys(to)]) : [head]) {
    const value = resetPath(old[key], to[key], rest);
    if (value === undefined) delete copy[key];
    else copy[key] = value;
  }
  return copy;
}
