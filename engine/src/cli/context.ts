import type { Command } from "commander";
import { resolve } from "node:path";
import type { Packages } from "../deploy/providers.ts";
import { Workspace } from "../project/workspace.ts";
import type { StackRef } from "../state/backend.ts";

/** What all commands share. */
export interface Context {
  packages: () => Promise<Packages>;
  workspace: () => Workspace;
  /** Prints a line on stdout. */
  print: (line: string) => void;
  interactive: boolean;
}

/** The options of the whole CLI. */
interface GlobalFlags {
  cwd?: string;
  nonInteractive?: boolean;
}

export function contextOf(program: Command, packages: () => Promise<Packages>): Context {
  let workspace: Workspace | undefined;
  return {
    packages,
    get interactive() {
      return !program.opts<GlobalFlags>().nonInteractive && process.stdin.isTTY && process.stdout.isTTY;
    },
    workspace() {
      return (workspace ??= new Workspace(resolve(program.opts<GlobalFlags>().cwd ?? "."), this.interactive));
    },
    print: (line) => void process.stdout.write(`${line}\n`),
  };
}

/** The workspace together with the stack that `--stack` or the selection names. */
export function stackOf(context: Context, name: string | undefined): { workspace: Workspace; ref: StackRef } {
  const workspace = context.workspace();
  return { workspace, ref: workspace.stack(name) };
}
