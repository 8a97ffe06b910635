import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** What stands for a secret's value that nobody here knows: it can be compared, and is never written. */
export const unknownSecret = (name: string): string => `\0${name}`;

export const isUnknown = (value: string): boolean => value.startsWith("\0");

/**
 * Kamal's files of secrets, a later one over an earlier one: plain values, variables, and `$(cat FILE)`. Other commands
 * aren't run; what they would print is unknown.
 * @param root folder that paths are relative to
 */
export function readSecrets(
  files: readonly string[],
  root: string,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const file of files.filter((one) => existsSync(one)))
    for (const line of readFileSync(file, "utf8").split("\n")) {
      const [, name, text = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
      if (name !== undefined) found[name] = valueOf(name, text.trim(), root, { ...variables, ...found });
    }
  return found;
}

function valueOf(name: string, text: string, root: string, known: Readonly<Record<string, string>>): string {
  const single = /^'([^']*)'$/.exec(text)?.[1];
  if (single !== undefined) return single;
  const plain = text.replace(/^"(.*)"$/, "$1").replace(/\s+#.*$/, "");
  const file = /^\$\(\s*cat\s+([^\s|;&<>]+)\s*\)$/.exec(plain)?.[1];
  if (file !== undefined && existsSync(resolve(root, file)))
    return readFileSync(resolve(root, file), "utf8").trimEnd();
  const names = [...plain.matchAll(/\$\{?(\w+)\}?/g)].map(([, one]) => one!);
  if (plain.includes("$(") || names.some((one) => (known[one] ?? "\0").startsWith("\0")))
    return unknownSecret(name);
  return plain.replaceAll(/\$\{?(\w+)\}?/g, (_, one: string) => known[one]!);
}
