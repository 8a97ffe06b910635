import { Command } from "commander";
import { availableParallelism } from "node:os";
import type { Context } from "./context.ts";
import type { Flags } from "./flags.ts";
import type { Request } from "./operate.ts";

const collect = (value: string, all: string[] = []): string[] => [...all, value];

function base(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("-s, --stack <name>", "the stack")
    .option("--config-file <path>", "read the configuration from this file instead of the stack's own")
    .option("-t, --target <urn>", "only this resource (more than one: repeat)", collect)
    .option("--target-dependents", "also what depends on the targets")
    .option("-p, --parallel <count>", "steps at a time", String(availableParallelism() * 4))
    .option("--expect-no-changes", "fail when something changes")
    .option("--diff", "show how each property changes")
    .option("--event-log <target>", "write events to a file or tcp:// address")
    .option("-m, --message <text>", "a note for the history")
    .option("--exec-kind <kind>", "how the CLI was started");
}

const changing = (command: Command): Command =>
  command
    .option("-y, --yes", "don't ask")
    .option("-f, --skip-preview", "don't show a preview first")
    .option("--show-secrets", "show secret outputs");

const refreshing = (command: Command): Command =>
  command.option("-r, --refresh [yes]", "read the resources first");

/** The commands that run the engine. */
export function operationCommands(context: Context): Command[] {
  const run = (request: Omit<Request, "refreshFirst">) => async (flags: Flags) => {
    const { operate } = await import("./operate.ts");
    const refreshFirst = flags.refresh === true || flags.refresh === "true";
    await operate(context, { ...request, refreshFirst }, flags);
  };
  const preview = refreshing(base("preview", "show what an update would do"))
    .alias("pre")
    .option("-j, --json", "as JSON")
    .action(run({ kind: "update", previewOnly: true }));
  const up = refreshing(changing(base("up", "create and change what the program declares")))
    .alias("update")
    .action(run({ kind: "update", previewOnly: false }));
  const refresh = changing(base("refresh", "record what the resources really are"))
    .option("--clear-pending-creates", "forget interrupted creations")
    .action(run({ kind: "refresh", previewOnly: false }));
  const destroy = refreshing(changing(base("destroy", "delete all resources of the stack")))
    .alias("down")
    .action(run({ kind: "destroy", previewOnly: false }));
  return [preview, up, refresh, destroy];
}
