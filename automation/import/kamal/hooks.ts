import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { words } from "../compose/words.ts";
import type { Notes } from "../notes.ts";
import { rowOf } from "../table.ts";

/** Hooks that prepare a release. */
const BEFORE = new Set(["pre-deploy", "pre-app-boot"]);

/** Speaks of every hook, and finds the command that prepares a release: what a hook runs with `kamal app exec "…"`. */
export function hooksOf(folder: string, notes: Notes): string[] | undefined {
  let found: string[] | undefined;
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith(".sample")) : [];
  for (const name of names.sort()) {
    const row = rowOf(`kamal-hook.${name}`);
    if (!row) continue;
    notes.add(undefined, `hooks: ${name}`, row.outcome, row.text);
    const text = BEFORE.has(name) ? readFileSync(join(folder, name), "utf8") : "";
    found ??= execOf(text.replaceAll(/^\s*#.*$/gm, ""));
  }
  return found;
}

/** The command of `kamal app exec`, in quotes after its options, or right after it. */
export function execOf(text: string): string[] | undefined {
  const [, line = ""] = /\bapp exec\b(.*)$/m.exec(text) ?? [];
  const quoted = /\s(["'])((?:(?!\1).)+)\1\s*$/.exec(line)?.[2];
  const plain = /^\s+([^-\s"'].*)$/.exec(line)?.[1];
  const command = quoted ?? plain;
  return command === undefined ? undefined : words(command.trim());
}
