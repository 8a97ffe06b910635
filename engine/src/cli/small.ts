import { Command } from "commander";
import { userInfo } from "node:os";
import { unsupported } from "../errors.ts";
import { breakLocks } from "../state/lock.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";

/** The commands that are a few lines. */
export function smallCommands(context: Context): Command[] {
  return [version(context), whoami(context), cancel(context), plugin(context), ...logins()];
}

const version = ({ print }: Context): Command =>
  new Command("version").description("print the version").action(() => print(VERSION));

function whoami(context: Context): Command {
  return new Command("whoami")
    .description("who works with which backend")
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

function plugin(context: Context): Command {
  const command = new Command("plugin").description("the providers of this engine");
  command
    .command("ls")
    .option("-j, --json", "as JSON")
    .option("-p, --project", "accepted, the same list")
    .action(async (flags: { json?: boolean }) => {
      const list = Object.values(await context.packages()).map(({ name, version }) => ({
        name,
        kind: "resource",
        version,
      }));
      if (flags.json) context.print(JSON.stringify(list, null, 2));
      else for (const p of list) context.print(`${p.name.padEnd(12)} ${p.kind}  ${p.version}  (embedded)`);
    });
  command
    .command("install", { hidden: true })
    .argument("[kind]")
    .argument("[name]")
    .argument("[version]")
    .option("--server <url>")
    .action(async (_kind: string, name?: string) => {
      if (!name || !Object.hasOwn(await context.packages(), name))
        throw unsupported(`the plugin "${name ?? ""}"`);
    });
  return command;
}

/** State is kept in files, chosen by PULUMI_BACKEND_URL or Pulumi.yaml: there is nothing to log in to. */
function logins(): Command[] {
  const refuse = (name: string): Command =>
    new Command(name)
      .description("refused: state is kept in files (PULUMI_BACKEND_URL, backend.url)")
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw unsupported(
          `\`pulumi ${name}\` (set PULUMI_BACKEND_URL=file://<folder> or backend.url instead)`,
        );
      });
  return [refuse("login"), refuse("logout")];
}
