import type { Stack } from "@pulumi/pulumi/automation";
import { check } from "../config/check.ts";
import { parse, type Parsed } from "../config/parse.ts";
import { ConfigError } from "../config/problems.ts";

/** The project's name: the namespace of its settings. */
export const PROJECT = "fairlead";

/**
 * The stack's configuration, checked for form.
 * @throws ConfigError with every problem at once.
 */
export async function readConfig(stack: Stack): Promise<Parsed> {
  const all = await stack.getAllConfig();
  const raw = Object.fromEntries(Object.entries(all).map(([key, { value }]) => [key, value]));
  return parse(PROJECT, stack.name, raw);
}

/**
 * The stack's configuration, checked for all that the program will ask for but the digests, which set-up records.
 * @throws ConfigError with every problem at once, before the machine is touched.
 */
export async function readComplete(stack: Stack): Promise<Parsed> {
  const found = await readConfig(stack);
  const problems = check(stack.name, found.config, found.secrets);
  if (problems.length > 0) throw new ConfigError(stack.name, problems);
  return found;
}

/** A path in a setting whose keys hold dots, colons and slashes. */
export function keyPath(setting: string, key: string): string {
  return `${PROJECT}:${setting}["${key}"]`;
}
