import type { Stack } from "@pulumi/pulumi/automation";
import { parse, type Parsed } from "../config/parse.ts";

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

/** A path in a setting whose keys hold dots, colons and slashes. */
export function keyPath(setting: string, key: string): string {
  return `${PROJECT}:${setting}["${key}"]`;
}
