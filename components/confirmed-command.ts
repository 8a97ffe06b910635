import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { hostCommand, type HostCommandArgs, type Reach } from "./host-command.ts";

/** A change that could lock everybody out, and how long it waits to be confirmed. */
export interface ConfirmedCommandArgs extends HostCommandArgs {
  /** Name of what changes, as the host tools know it. */
  subject: string;
  input: Record<string, unknown>;
  /** Seconds after which the server takes the change back by itself. */
  within: number;
}

/**
 * A call of the host tools that takes itself back, and a second one that confirms it. Each command has a connection of
 * its own, so the second proves that the server can still be reached; when it can't, the old state returns without us.
 * @returns the confirmation: what builds on the change depends on it
 */
export function confirmedCommand(
  name: string,
  { verb, undo, subject, input, within }: ConfirmedCommandArgs,
  reach: Reach,
  options: { parent: pulumi.Resource; dependsOn?: pulumi.Resource | pulumi.Resource[] },
): command.remote.Command {
  const whole = { ...input, within };
  const change = hostCommand(name, { verb, undo, input: whole }, reach, options);
  const again = { verb, input: whole };
  return hostCommand(
    `${name}-confirm`,
    // What the first one printed makes the second one run again after each change.
    { verb: "confirm", input: { name: subject, within, again, change: change.stdout } },
    reach,
    { parent: options.parent, dependsOn: change },
  );
}
