import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

const ROOT = join(__dirname, "..");

/** In quotes, which all shells here read alike. */
const EXECUTABLE = `'${join(__dirname, "fairlead.mjs")}'`;

/** Options that name a stack. */
const STACKS = ["stack", "from", "to"];

/**
 * Adds `completion SHELL`, which prints a script for that shell, and the hidden `complete`, which such a script asks at
 * each press of the Tab key: verbs, their options, and stacks that have a file.
 */
export function completable(program: Command): Command {
  const root = tab(program, { completionCommandName: "completion" });
  const completion = program.commands.find((command) => command.name() === "completion")!;
  completion
    .description("print a script that completes verbs, options and stacks in a shell (docs/automation.md)")
    .action((shell: string) => {
      if (shell === "bash") process.stdout.write(readFileSync(join(ROOT, "assets/local/completion.bash")));
      root.setup(program.name(), EXECUTABLE, shell);
    });
  completion.registeredArguments[0]!.choices(["bash", "zsh", "fish"]);
  for (const { options } of root.commands.values())
    for (const option of STACKS.flatMap((name) => options.get(name) ?? []))
      option.handler = (complete) => stacks().forEach((name) => complete(name, `Pulumi.${name}.yaml`));
  return program;
}

const stacks = (): string[] =>
  readdirSync(ROOT).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
