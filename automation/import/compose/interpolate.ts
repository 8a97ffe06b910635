import { UserError } from "../../lib/errors.ts";
import type { Json } from "./json.ts";

/** Variables of a file's interpolation, and those that it named and that were set nowhere. */
export interface Variables {
  values: Readonly<Record<string, string>>;
  missing: Set<string>;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * `$VAR`, `${VAR}` and their forms with `:-`, `-`, `:?`, `?`, `:+`, `+` in every text of a value; `$$` is a dollar sign
 * (Compose Specification, 12-interpolation). A variable that is set nowhere becomes empty and is remembered: also one that
 * the file demands with `?`, because an import has to say what is missing rather than to stop at the first.
 * @throws UserError for a `${` without its end
 */
export function interpolate(value: Json, variables: Variables): Json {
  if (typeof value === "string") return expand(value, variables);
  if (Array.isArray(value)) return value.map((one) => interpolate(one, variables));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, interpolate(one, variables)]));
}

export function expand(text: string, variables: Variables): string {
  let result = "";
  for (let at = 0; at < text.length;) {
    const next = text.indexOf("$", at);
    if (next < 0) return result + text.slice(at);
    result += text.slice(at, next);
    const rest = text.slice(next + 1);
    const plain = NAME.exec(rest)?.[0];
    if (rest.startsWith("$")) {
      result += "$";
      at = next + 2;
    } else if (rest.startsWith("{")) {
      const end = closing(text, next + 1);
      result += braces(text.slice(next + 2, end), variables);
      at = end + 1;
    } else if (plain !== undefined) {
      result += lookUp(plain, variables) ?? miss(plain, variables);
      at = next + 1 + plain.length;
    } else {
      result += "$";
      at = next + 1;
    }
  }
  return result;
}

/** The place of the brace that closes the one at `from`; values may hold further ones. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{" && (at === from || text[at - 1] === "$")) depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  throw new UserError(
    `"${text}" begins a variable with \${ and doesn't end it.`,
    "Close it with }, or write $$ for a dollar sign.",
  );
}

function braces(inner: string, variables: Variables): string {
  const name = NAME.exec(inner)?.[0];
  const [, operator, argument = ""] = /^(:?[-?+])([^]*)$/.exec(inner.slice(name?.length ?? 0)) ?? [];
  if (name === undefined || (operator === undefined && inner.length > name.length))
    throw new UserError(
      `"\${${inner}}" is no variable.`,
      "Compose reads \${NAME}, and \${NAME:-default} and its like.",
    );
  const value = lookUp(name, variables);
  const filled = operator?.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  switch (operator?.at(-1)) {
    case "-":
      return filled ? value! : expand(argument, variables);
    case "+":
      return filled ? expand(argument, variables) : "";
    default:
      return filled ? value! : (value ?? miss(name, variables));
  }
}

const lookUp = (name: string, { values }: Variables): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

function miss(name: string, { missing }: Variables): string {
  missing.add(name);
  return "";
}
