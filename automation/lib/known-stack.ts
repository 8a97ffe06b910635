import { existsSync, readdirSync } from "node:fs";
import { UserError } from "./errors.ts";
import { stackFile } from "./stack-file.ts";
import { ROOT } from "./workspace.ts";

/**
 * A mistyped name must not become a stack of its own: nothing could be deployed there, and nothing taken down.
 * @throws UserError when there is no `Pulumi.<stack>.yaml`
 */
export function requireStackFile(stack: string, root = ROOT): void {
  if (!/^[\w.-]{1,100}$/.test(stack))
    throw new UserError(
      `"${stack}" can't be the name of a stack.`,
      `A name has letters, digits, "-", "_" and "."; ${here(root)}`,
    );
  if (existsSync(stackFile(stack, { root, local: "" }))) return;
  throw new UserError(
    `There is no stack ${stack}: Pulumi.${stack}.yaml is missing.`,
    `${here(root)} To make a new one, write Pulumi.${stack}.yaml, with one of these as a pattern (docs/configuration.md).`,
  );
}

function here(root: string): string {
  const names = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return names.length > 0 ? `Did you mean ${names.sort().join(" or ")}?` : "There is none here yet.";
}
