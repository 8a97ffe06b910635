import { readFileSync } from "node:fs";
import { CliError, exit, messageOf } from "../errors.ts";
import { promptHidden } from "../cli/prompt.ts";

/**
 * The passphrase of a stack: PULUMI_CONFIG_PASSPHRASE, the file PULUMI_CONFIG_PASSPHRASE_FILE, or asked for at a
 * terminal. `confirm` asks twice (new stacks).
 */
export async function passphraseFor(stack: string, interactive: boolean, confirm = false): Promise<string> {
  const fromEnv = process.env["PULUMI_CONFIG_PASSPHRASE"];
  if (fromEnv !== undefined) return fromEnv;
  const file = process.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  if (file) {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (error) {
      throw new CliError(`unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ${messageOf(error)}`);
    }
  }
  if (!interactive || !process.stdin.isTTY) {
    throw new CliError(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      exit.usage,
    );
  }
  if (!confirm) return promptHidden(`Enter your passphrase to unlock config/secrets for ${stack}`);
  const first = await promptHidden(`Enter your passphrase to protect config/secrets for ${stack}`);
  if (first === (await promptHidden("Re-enter your passphrase to confirm"))) return first;
  throw new CliError("passphrases do not match");
}
