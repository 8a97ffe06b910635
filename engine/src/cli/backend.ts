import { Command } from "commander";
import { userInfo } from "node:os";
import { breakLocks } from "../state/lock.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";

/** `pulumi version`, `whoami` and `cancel`. */
export function backendCommands(context: Context): Command[] {
  return [version(context), whoami(context), cancel(context)];
}

const version = ({ print }: Context): Command =>
  new Command("version").description("print the version").action(() => print(VERSION));

function whoami(context: Context): Command {
  return new Command("whoami")
    .description("the user and the backend")
    .option("-j, --json", "as JSON")
    .option("-v, --verbose", "with the backend")
    .action((flags: { json?: boolean; verbose?: boolean }) => {
      const { url } = context.workspace().backend;
      const user = userInfo().username;
      if (flags.json) context.print(JSON.stringify({ user, url }, null, 2));
      else context.print(flags.verbose ? `User: ${user}\nBackend URL: ${url}` : user);
    });
}

function cancel(context: Context): Command {
  return new Command("cancel")
    .description("remove the locks of a stack whose update has died")
    .argument("[stack]")
    .option("-s, --stack <name>", "the stack")
    .option("-y, --yes", "don't ask")
    .action((name: string | undefined, flags: { stack?: string }) => {
      const workspace = context.workspace();
      const ref = workspace.stack(name ?? flags.stack);
      breakLocks(workspace.backend, ref);
      process.stderr.write(`The currently running update for '${ref.name}' has been canceled!\n`);
    });
}
