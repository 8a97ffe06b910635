import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { sortedJson } from "./render/sorted-json.ts";
import type { Server } from "./server.ts";

/** One call of the host tools. */
export interface HostCommandArgs {
  /** Verb that makes the server match `input`; runs on create and on each change, so it must be repeatable. */
  verb: string;
  /** Verb that takes it away again; gets the last input. */
  undo?: string;
  /** Travels on standard input, so secrets in it are in no argument list, log or error. */
  input: pulumi.Input<Record<string, unknown>>;
}

const TOOL = "/usr/local/bin/fairlead";

/** How a user calls the host tools: they need root, and any other user has sudo for them. */
export function toolFor(user: string): string {
  return user === "root" ? TOOL : `sudo -n ${TOOL}`;
}

/**
 * A call of the host tools (`assets/host`) over SSH. What changes is in standard input, which is an update in place;
 * `triggers` would replace the command, and the old one's undo would run after the new one's work.
 * Its output is the JSON that the verb printed.
 */
export function hostCommand(
  name: string,
  { verb, undo, input }: HostCommandArgs,
  server: Reach,
  options: { parent: pulumi.Resource; dependsOn?: pulumi.Resource | pulumi.Resource[] },
): command.remote.Command {
  return new command.remote.Command(
    name,
    {
      connection: server.connection,
      create: `${server.tool} ${verb}`,
      update: `${server.tool} ${verb}`,
      delete: undo && `${server.tool} ${undo}`,
      stdin: pulumi
        .all([input, server.ownerId])
        .apply(([known, ownerId]) => sortedJson({ ...(known as Record<string, unknown>), ownerId })),
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

/** A file on the server. */
export interface HostFile {
  path: string;
  /** Octal, such as `0644`. */
  mode: string;
  /** `user:group`; root when absent. */
  owner?: string;
  content: pulumi.Input<string>;
}

/** A folder on the server; `purge` removes it with its content when the component goes. */
export interface HostDirectory {
  path: string;
  mode: string;
  owner?: string;
  purge?: boolean;
}
