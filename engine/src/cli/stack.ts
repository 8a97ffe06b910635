import { Command } from "commander";
import { readFileSync, writeFileSync } from "node:fs";
import { CliError, exit, messageOf } from "../errors.ts";
import { Secret, type Props } from "../providers/contract.ts";
import { qualified, type StackRef } from "../state/backend.ts";
import { encodeDeployment, encodeResource, stateSecrets } from "../state/checkpoint.ts";
import { lock } from "../state/lock.ts";
import { loadState, readDeployment, stateWriter } from "../state/store.ts";
import { STACK_TYPE, type Deployment } from "../state/types.ts";
import { encode, encodeProps, maskedSecrets, type Json, type JsonObject } from "../values/codec.ts";
import { reveal } from "../values/value.ts";
import { stackOf, type Context } from "./context.ts";
import { historyCommand } from "./history.ts";
import { prompt, readStdin } from "./prompt.ts";
import type { Workspace } from "../project/workspace.ts";

interface Flags {
  stack?: string;
  json?: boolean;
  showSecrets?: boolean;
  file?: string;
  yes?: boolean;
  force?: boolean;
  preserveConfig?: boolean;
  create?: boolean;
}

/** `pulumi stack` and what is below it. */
export function stackCommand(context: Context): Command {
  const command = new Command("stack")
    .description("stacks and their state")
    .option("-s, --stack <name>", "the stack")
    .option("--show-secrets", "decrypt secrets")
    .action(async (flags: Flags) => {
      const { workspace, ref } = stackOf(context, flags.stack);
      const { resources } = await load(workspace, ref);
      context.print(`Current stack is ${ref.name}:\n    Managed by ${workspace.backend.url}`);
      context.print(`Current stack resources (${resources.length}):`);
      for (const { type, urn } of resources) context.print(`    ${type}  ${urn.split("::").at(-1) ?? ""}`);
    });
  const stackFlag = (): string | undefined => command.opts<Flags>().stack;
  const here = (): { workspace: Workspace; ref: StackRef } => stackOf(context, stackFlag());

  command
    .command("init [name]")
    .description("make a new stack")
    .action(async (name: string | undefined) => {
      const chosen = name ?? stackFlag();
      if (!chosen) throw new CliError("stack init: missing stack name", exit.usage);
      await init(context, chosen);
    });

  command
    .command("select [name]")
    .description("choose the stack that commands work on")
    .option("-c, --create", "make it when it doesn't exist")
    .action(async (name: string | undefined, flags: Flags) => {
      const workspace = context.workspace();
      const chosen = name ?? stackFlag();
      if (!chosen) throw new CliError("stack select: missing stack name", exit.usage);
      const ref = workspace.parse(chosen);
      if (flags.create && !workspace.backend.exists(ref)) await init(context, chosen);
      else workspace.select(workspace.stack(chosen));
    });

  command
    .command("ls")
    .description("list the stacks of the project")
    .option("-j, --json", "as JSON")
    .action((flags: Flags) => list(context, flags));

  command
    .command("rm [name]")
    .description("remove an empty stack and its configuration")
    .option("-y, --yes", "don't ask")
    .option("-f, --force", "also with resources in its state: they stay where they are")
    .option("--preserve-config", "keep Pulumi.<stack>.yaml")
    .action((name: string | undefined, flags: Flags) => removeStack(context, name ?? stackFlag(), flags));

  command
    .command("output [name]")
    .description("show the outputs")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "decrypt secrets")
    .action(async (name: string | undefined, flags: Flags) => {
      const { workspace, ref } = here();
      const show = flags.showSecrets ?? command.opts<Flags>().showSecrets ?? false;
      printOutputs(context, await outputsOf(workspace, ref), name, show, flags.json ?? false);
    });

  command
    .command("export")
    .description("print the state")
    .option("--file <path>", "into a file")
    .option("--show-secrets", "decrypt secrets")
    .action(async (flags: Flags) => {
      const { workspace, ref } = here();
      const show = flags.showSecrets ?? command.opts<Flags>().showSecrets ?? false;
      const text = JSON.stringify(await exportedState(workspace, ref, show), null, 4);
      if (flags.file) writeFileSync(flags.file, `${text}\n`, { mode: 0o600 });
      else context.print(text);
    });

  command
    .command("import")
    .description("replace the state by an exportedState one")
    .option("--file <path>", "from a file instead of stdin")
    .action(async (flags: Flags) => {
      const { workspace, ref } = here();
      const text = flags.file ? readFileSync(flags.file, "utf8") : await readStdin();
      await importState(workspace, ref, text);
      context.print("Import complete.");
    });

  command.addCommand(historyCommand(context, stackFlag));
  return command;
}

const load = (workspace: Workspace, ref: StackRef): Promise<Deployment> =>
  loadState(workspace.backend, ref, (salt) => workspace.open(ref, salt));

async function init(context: Context, name: string): Promise<void> {
  const workspace = context.workspace();
  const ref = workspace.parse(name);
  if (workspace.backend.exists(ref)) throw new CliError(`stack '${ref.name}' already exists`);
  await workspace.crypter(ref, workspace.config(ref));
  workspace.backend.create(ref);
  workspace.select(ref);
  process.stderr.write(`Created stack '${ref.name}'\n`);
}

function list(context: Context, flags: Flags): void {
  const workspace = context.workspace();
  const { backend, project } = workspace;
  const current = workspace.selected();
  const stacks = backend.list(project.name).map((name) => {
    const latest = backend.load({ project: project.name, name });
    const time = (latest?.["manifest"] as { time?: string } | undefined)?.time;
    return {
      name,
      current: name === current,
      ...(time ? { lastUpdate: time.replace(/(\.\d{3})\d*Z$/, "$1Z") } : {}),
      ...(latest ? { resourceCount: ((latest["resources"] as Json[] | undefined) ?? []).length } : {}),
    };
  });
  if (flags.json) return context.print(JSON.stringify(stacks, null, 2));
  const width = Math.max(4, ...stacks.map(({ name }) => name.length + 1));
  context.print(`${"NAME".padEnd(width)}  ${"LAST UPDATE".padEnd(24)}  RESOURCES`);
  for (const { name, current: mark, lastUpdate = "n/a", resourceCount = 0 } of stacks) {
    context.print(`${(name + (mark ? "*" : "")).padEnd(width)}  ${lastUpdate.padEnd(24)}  ${resourceCount}`);
  }
}

async function removeStack(context: Context, name: string | undefined, flags: Flags): Promise<void> {
  const { workspace, ref } = stackOf(context, name);
  const latest = workspace.backend.load(ref);
  const count = ((latest?.["resources"] as Json[] | undefined) ?? []).length;
  if (count > 0 && !flags.force) {
    throw new CliError(
      `'${ref.name}' still has resources; removal rejected. Possible actions:\n` +
        "- Make sure that all resources are destroyed: `pulumi destroy`\n" +
        "- To remove the stack anyway and leave the resources where they are: --force",
    );
  }
  if (!flags.yes) {
    if (!context.interactive) throw new CliError("--yes must be passed in non-interactive mode", exit.usage);
    const answer = await prompt(
      `This will permanently remove the '${ref.name}' stack!\nType its name to confirm: `,
    );
    if (answer !== ref.name) throw new CliError("confirmation declined", exit.cancelled);
  }
  const release = lock(workspace.backend, ref);
  workspace.backend.remove(ref);
  release();
  if (!flags.preserveConfig) workspace.config(ref).delete();
  if (workspace.selected() === ref.name) workspace.select(undefined);
  context.print(`Stack '${ref.name}' has been removed!`);
}

/** The outputs of a stack, secrets still wrapped. */
export async function outputsOf(workspace: Workspace, ref: StackRef): Promise<Props> {
  const { resources } = await load(workspace, ref);
  return resources.find(({ type }) => type === STACK_TYPE)?.outputs ?? {};
}

function printOutputs(
  context: Context,
  all: Props,
  name: string | undefined,
  show: boolean,
  json: boolean,
): void {
  const values = encodeProps(show ? (reveal(all) as Props) : all, maskedSecrets);
  if (name !== undefined) {
    const value = values[name];
    if (value === undefined) throw new CliError(`current stack does not have output property '${name}'`);
    // A secret that is named is shown only with --show-secrets, as everywhere else.
    const plain = show && all[name] instanceof Secret ? encode(reveal(all[name]), maskedSecrets) : value;
    return context.print(json || typeof plain !== "string" ? JSON.stringify(plain, null, 2) : plain);
  }
  if (json) return context.print(JSON.stringify(values, null, 2));
  const width = Math.max(6, ...Object.keys(values).map((key) => key.length));
  context.print(
    `Current stack outputs (${Object.keys(values).length}):\n    ${"OUTPUT".padEnd(width)}  VALUE`,
  );
  for (const [key, value] of Object.entries(values)) {
    context.print(`    ${key.padEnd(width)}  ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
}

async function exportedState(workspace: Workspace, ref: StackRef, show: boolean): Promise<JsonObject> {
  const json = workspace.backend.load(ref);
  if (!json) return { version: 3, deployment: {} };
  if (!show) return { version: 3, deployment: json };
  const secrets = stateSecrets(undefined, true);
  const deployment = encodeDeployment(await load(workspace, ref), (state) => encodeResource(state, secrets));
  return {
    version: 3,
    deployment: { ...deployment, ...(json["manifest"] ? { manifest: json["manifest"] } : {}) },
  };
}

async function importState(workspace: Workspace, ref: StackRef, text: string): Promise<void> {
  let json: { version?: number; deployment?: JsonObject };
  try {
    json = JSON.parse(text) as typeof json;
  } catch (error) {
    throw new CliError(`the state to import isn't JSON: ${messageOf(error)}`);
  }
  if (json.version !== 3 || !json.deployment) {
    throw new CliError(`the state to import: expected version 3, found ${json.version ?? "none"}`);
  }
  const refuse = (reason: string): CliError => new CliError(`the state to import is not sound: ${reason}`);
  const deployment = await readDeployment(json.deployment, (salt) => workspace.open(ref, salt), refuse);
  const foreign = deployment.resources.find(({ urn }) => !urn.startsWith(`urn:pulumi:${ref.name}::`));
  if (foreign)
    throw new CliError(`the state to import is of another stack than ${qualified(ref)}: ${foreign.urn}`);
  const config = workspace.config(ref);
  const crypter = await workspace.crypter(ref, config);
  const release = lock(workspace.backend, ref);
  try {
    stateWriter(workspace.backend, ref, crypter)({ ...deployment, salt: config.salt }, true);
  } finally {
    release();
  }
}
