import type { Stack } from "@pulumi/pulumi/automation";
import { check } from "../../config/check/index.ts";
import { parse, type Parsed } from "../../config/parse.ts";
import { ConfigError } from "../../config/problems.ts";
import { missingSources } from "../build/sources.ts";
import { unbuilt } from "../build/unbuilt.ts";
import { PROJECT } from "./project-name.ts";
import { refuseTooLarge } from "../setup/size.ts";

export { PROJECT };

/**
 * The stack's configuration, checked for form.
 * @throws ConfigError with every problem at once.
 */
export async function readConfig(stack: Stack): Promise<Parsed> {
  return parse(PROJECT, stack.name, await readRaw(stack));
}

async function readRaw(stack: Stack): Promise<Record<string, string>> {
  const all = await stack.getAllConfig();
  return Object.fromEntries(Object.entries(all).map(([key, { value }]) => [key, value]));
}

/**
 * The stack's configuration, checked for all that the program will ask for but the digests, which set-up records.
 * @throws ConfigError with every problem at once, before the machine is touched
 * @throws UserError when the engine that runs can't give so much to the program
 */
export async function readComplete(stack: Stack): Promise<Parsed> {
  const raw = await readRaw(stack);
  const found = parse(PROJECT, stack.name, raw);
  const { apps } = found.config;
  const problems = [
    ...check(stack.name, found.config, found.secrets),
    ...unbuilt(found.config).flatMap((app) => missingSources(app, apps[app]!.build!)),
  ];
  if (problems.length > 0) throw new ConfigError(stack.name, problems);
  await refuseTooLarge(raw);
  return found;
}
