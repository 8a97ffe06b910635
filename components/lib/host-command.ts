import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { NOUNS, type HostInputs, type Noun } from "../../config/host/index.ts";
import { sortedJson } from "./sorted-json.ts";
import type { Server } from "../host/server.ts";

const TOOL = "/usr/local/bin/fairlead";

/** How a user calls the host tools: they need root, and any other user has sudo for them. */
export function toolFor(user: string): string {
  return user === "root" ? TOOL : `sudo -n ${TOOL}`;
}

/** An input any part of which may be known later. */
export type Later<T> = pulumi.Input<
  T extends readonly (infer One)[] ? Later<One>[] : T extends object ? { [K in keyof T]: Later<T[K]> } : T
>;

/** What a command depends on, and what it belongs to. */
export interface HostCommandOptions {
  parent: pulumi.Resource;
  dependsOn?: pulumi.Resource | pulumi.Resource[];
}

/**
 * A noun of the host tools (`assets/host`) over SSH: `apply` on create and on each change, so it must be repeatable, and
 * `remove`, where the noun has one, with the last input. What changes is in standard input, which is an update in place;
 * `triggers` would replace the command, and the old one's `remove` would run after the new one's `apply`. Standard input
 * also keeps secrets out of argument lists, logs and errors.
 * Its output is the JSON that the noun printed.
 */
export function hostCommand<N extends Noun>(
  name: string,
  noun: N,
  input: Later<HostInputs[N]>,
  server: Reach,
  options: HostCommandOptions,
): command.remote.Command {
  const verbs: readonly string[] = NOUNS[noun].verbs;
  return call(name, noun, "apply", verbs.includes("remove"), input, server, options);
}

/** A noun whose change could shut everybody out, and takes itself back unless it is confirmed. */
type Confirmed = "firewall" | "sshd";

/**
 * A change that takes itself back, and a second command that confirms it. Each command has a connection of its own, so the
 * second proves that the server can still be reached; when it can't, the old state returns without us.
 * @returns the confirmation: what builds on the change depends on it
 */
export function confirmedCommand<N extends Confirmed>(
  name: string,
  noun: N,
  input: HostInputs[N],
  server: Reach,
  options: HostCommandOptions,
): command.remote.Command {
  const change = call(name, noun, "apply", true, input, server, options);
  // What the first one printed makes the second one run again after each change.
  const again = { ...input, change: change.stdout };
  return call(`${name}-confirm`, noun, "confirm", false, again, server, {
    parent: options.parent,
    dependsOn: change,
  });
}

function call(
  name: string,
  noun: Noun,
  verb: string,
  removes: boolean,
  input: pulumi.Input<unknown>,
  server: Reach,
  options: HostCommandOptions,
): command.remote.Command {
  return new command.remote.Command(
    name,
    {
      connection: server.connection,
      create: `${server.tool} ${noun} ${verb}`,
      update: `${server.tool} ${noun} ${verb}`,
      delete: removes ? `${server.tool} ${noun} remove` : undefined,
      stdin: pulumi
        .all([input, server.ownerId])
        .apply(([known, ownerId]) => sortedJson({ ...(known as object), ownerId })),
      addPreviousOutputInEnv: false,
      logging: "stderr",
    },
    {
      parent: options.parent,
      deletedWith: server.lifetime,
      dependsOn: [server.after ?? [], options.dependsOn ?? []].flat(),
    },
  );
}

/** The connection alone: what a component needs before there is a Docker engine. */
export type Reach = Pick<Server, "connection" | "tool" | "ownerId" | "lifetime" | "after">;
