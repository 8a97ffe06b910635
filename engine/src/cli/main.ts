import { Command, CommanderError } from "commander";
import { CliError, BailError, exit, messageOf } from "../errors.ts";
import type { Packages } from "../deploy/providers.ts";
import { OFFICIAL_CLI, VERSION } from "../version.ts";
import { configCommand } from "./config.ts";
import { contextOf } from "./context.ts";
import { operationCommands } from "./operations.ts";
import { backendCommands } from "./backend.ts";
import { stackCommand } from "./stack.ts";

/** Runs the CLI. @param argv without node and script @returns the exit code */
export async function main(argv: readonly string[], packages: () => Promise<Packages>): Promise<number> {
  try {
    await buildProgram(packages).parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** The commands and options. */
export function buildProgram(packages: () => Promise<Packages>): Command {
  const program = new Command("pulumi");
  program
    .description("Pulumi's commands, run by the embedded engine")
    .version(VERSION, "--version", "show the version")
    .option("-C, --cwd <folder>", "run as if started in another folder")
    .option("--non-interactive", "never ask")
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  const context = contextOf(program, packages);
  for (const command of operationCommands(context)) program.addCommand(command);
  program.addCommand(stackCommand(context));
  program.addCommand(configCommand(context));
  for (const command of backendCommands(context)) program.addCommand(command);
  inheritSettings(program);
  return program;
}

/** Subcommands answer for unknown options and commands in the same way. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const text = error.message.replace(/^error: /, "");
    const unknown = /^commander\.unknown/.test(error.code) || /^commander\.excess/.test(error.code);
    const hint = unknown ? `: not supported by the embedded engine; use ${OFFICIAL_CLI}` : "";
    if (error.code !== "commander.help") process.stderr.write(`error: ${text}${hint}\n`);
    return exit.usage;
  }
  if (error instanceof BailError) return error.exitCode;
  if (error instanceof CliError) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.exitCode;
  }
  const detail =
    error instanceof Error && process.env["PULUMI_DEBUG_COMMANDS"] ? error.stack : messageOf(error);
  process.stderr.write(`error: ${detail ?? messageOf(error)}\n`);
  return exit.error;
}
