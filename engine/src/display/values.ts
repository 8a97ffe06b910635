import { Secret, UNKNOWN, type Props, type Value } from "../providers/contract.ts";
import { isObject } from "../values/value.ts";

/** A value for people: secrets masked, unknown values marked. Nested lines are indented by `indent`. */
export function show(value: Value | undefined, indent = 0, reveal = false): string {
  if (value === undefined) return "(none)";
  if (value instanceof Secret) return reveal ? show(value.value, indent, true) : "[secret]";
  if (value === UNKNOWN) return "[unknown]";
  const pad = " ".repeat(indent + 4);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((v, i) => `${pad}[${i}]: ${show(v, indent + 4, reveal)}`);
    return `[\n${items.join("\n")}\n${" ".repeat(indent)}]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const lines = rows(value, indent + 4, reveal);
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${" ".repeat(indent)}}`;
}

/** `key: value` lines with the keys padded to the same width. */
export function rows(props: Props, indent: number, reveal = false): string[] {
  const keys = Object.keys(props).filter((key) => !key.startsWith("__"));
  const width = Math.max(0, ...keys.map((key) => key.length));
  const pad = " ".repeat(indent);
  return keys.sort().map((key) => `${pad}${key.padEnd(width)}: ${show(props[key], indent, reveal)}`);
}
