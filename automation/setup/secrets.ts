import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Stack } from "@pulumi/pulumi/automation";
import type { Parsed } from "../../config/parse.ts";
import { neededServices, serviceRow } from "../../config/services.ts";
import { PROJECT } from "../lib/project-name.ts";
import { editStackFile, withDraft } from "../lib/stack-file-edit.ts";
import { pulumi } from "../lib/workspace.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 32 letters and digits: 190 bits, and nothing that a URL or a configuration file would have to escape. */
export function password(): string {
  return Array.from({ length: 32 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/**
 * Makes the secrets that the stack needs and nobody has set, and stores them encrypted in its config.
 * Only for a stack that runs nothing yet: one that does already made its own (@pulumi/random).
 * @returns the names that it made
 */
export async function generateSecrets(stack: Stack, { config, secrets }: Parsed): Promise<string[]> {
  const needed = neededServices(config).flatMap((name) => serviceRow(name).provides?.password ?? []);
  const missing = needed.filter((name) => !(name in secrets));
  if (missing.length === 0 || (await runsSomething(stack))) return [];
  // All at once: a stack file with one of them wouldn't be the user's any more, nor the stack's yet.
  await editStackFile(stack.name, (text) =>
    withDraft(stack.name, text, async (file) => {
      for (const name of missing) {
        const place = ["--stack", stack.name, "--config-file", file];
        await pulumi(["config", "set", "--secret", `${PROJECT}:${name}`, ...place], password());
      }
      return readFileSync(file, "utf8");
    }),
  );
  return missing;
}

async function runsSomething(stack: Stack): Promise<boolean> {
  const { deployment } = await stack.exportStack();
  return ((deployment as { resources?: unknown[] } | null)?.resources?.length ?? 0) > 0;
}
