import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Stack } from "@pulumi/pulumi/automation";
import { generatedFor } from "../../config/secrets.ts";
import type { Parsed } from "../../config/parse.ts";
import { PROJECT } from "../lib/project-name.ts";
import { editStackFile, withDraft } from "../lib/stack-file-edit.ts";
import { pulumi } from "../lib/workspace.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 32 letters and digits: 190 bits, and nothing that a URL or a configuration file would have to escape. */
export function password(): string {
  return Array.from({ length: 32 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/**
 * Makes the secrets that the stack needs and that are not set, and stores them encrypted in its config. A stack that runs
 * with a password from elsewhere changes to the new one in its next update, as with any new password.
 * @returns the names that it made
 */
export async function generateSecrets(stack: Stack, { config, secrets }: Parsed): Promise<string[]> {
  const missing = generatedFor(config).filter((name) => !(name in secrets));
  if (missing.length === 0) return [];
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
