import { Command } from "commander";
import { CliError, exit } from "../errors.ts";
import { availableParallelism } from "node:os";
import type { Context } from "./context.ts";
import type { Plan } from "./operate.ts";

/** The options of preview, up, refresh and destroy. */
export interface Flags {
  stack?: string;
  configFile?: string;
  yes?: boolean;
  skipPreview?: boolean;
  previewOnly?: boolean;
  json?: boolean;
  diff?: boolean;
  target?: string[];
  targetDependents?: boolean;
  parallel: string;
  refresh?: boolean | string;
  expectNoChanges?: boolean;
  eventLog?: string;
  message?: string;
  execKind?: string;
  suppressOutputs?: boolean;
  showSecrets?: boolean;
  clearPendingCreates?: boolean;
  runProgram?: boolean | string;
  remove?: boolean;
}

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
    .option("--exec-kind <kind>", "how the CLI was started")
    .option("--exec-agent <name>", "accepted, without effect")
    .option("--suppress-outputs", "don't show the outputs")
    .option("--suppress-progress", "accepted, without effect")
    .option("--suppress-permalink [yes]", "accepted, without effect")
    .option("--run-program [yes]", "must be false for refresh and destroy: they don't run the program");
}

const changing = (command: Command): Command =>
  command
    .option("-y, --yes", "don't ask")
    .option("-f, --skip-preview", "don't show a preview first")
    .option("--show-secrets", "show secret outputs");

/** The commands that run the engine. */
export function operationCommands(context: Context): Command[] {
  const run = (plan: Omit<Plan, "refreshFirst">) => async (flags: Flags) => {
    if (plan.kind !== "update" && isTrue(flags.runProgram)) {
      throw new CliError("--run-program is not supported by the embedded engine", exit.usage);
    }
    const { operate } = await import("./operate.ts");
    await operate(context, { ...plan, refreshFirst: isTrue(flags.refresh) }, flags);
  };
  const preview = base("preview", "show what an update would do")
    .alias("pre")
    .option("-j, --json", "as JSON")
    .option("-r, --refresh [yes]", "read the resources first")
    .option("--show-replacement-steps", "accepted: they are shown in --diff")
    .option("--show-sames", "accepted, without effect")
    .action(run({ kind: "update", previewOnly: true }));
  const up = changing(base("up", "create and change what the program declares"))
    .alias("update")
    .option("-r, --refresh [yes]", "read the resources first")
    .action(run({ kind: "update", previewOnly: false }));
  const refresh = changing(base("refresh", "take over what the resources really are"))
    .option("--preview-only", "only show it")
    .option("--clear-pending-creates", "forget interrupted creations")
    .action((flags: Flags) => run({ kind: "refresh", previewOnly: flags.previewOnly ?? false })(flags));
  const destroy = changing(base("destroy", "delete all resources of the stack"))
    .alias("down")
    .option("-r, --refresh [yes]", "read the resources first")
    .option("--preview-only", "only show it")
    .option("--remove", "remove the stack and its configuration afterwards")
    .action((flags: Flags) => run({ kind: "destroy", previewOnly: flags.previewOnly ?? false })(flags));
  return [preview, up, refresh, destroy];
}

const isTrue = (flag: boolean | string | undefined): boolean => flag === true || flag === "true";
