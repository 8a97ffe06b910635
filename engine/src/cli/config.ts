import { Command } from "commander";
import { CliError, exit, unsupported } from "../errors.ts";
import type { ConfigEntry, StackConfig } from "../project/config.ts";
import type { Crypter } from "../secrets/crypter.ts";
import type { StackRef } from "../state/backend.ts";
import type { Workspace } from "../project/workspace.ts";
import { stackOf, type Context } from "./context.ts";
import { prompt, promptHidden, readStdin } from "./prompt.ts";
import type { JsonObject } from "../values/codec.ts";

interface Flags {
  stack?: string;
  configFile?: string;
  json?: boolean;
  showSecrets?: boolean;
  path?: boolean;
  secret?: boolean | string[];
  plaintext?: boolean | string[];
}

interface Opened {
  workspace: Workspace;
  ref: StackRef;
  config: StackConfig;
}

/** `pulumi config` and what is below it. */
export function configCommand(context: Context): Command {
  const open = ({ stack, configFile }: Flags): Opened => {
    const { workspace, ref } = stackOf(context, stack);
    return { workspace, ref, config: workspace.config(ref, configFile) };
  };
  const reader = ({ workspace, ref, config }: Opened): Promise<Crypter | undefined> =>
    config.hasSecrets ? workspace.crypter(ref, config) : Promise.resolve(undefined);
  const command = new Command("config")
    .description("the configuration of a stack")
    .option("-s, --stack <name>", "the stack")
    .option("--config-file <path>", "this file instead of the stack's own")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "decrypt secrets")
    .action(async (flags: Flags) => {
      const opened = open(flags);
      const crypter = flags.showSecrets ? await reader(opened) : undefined;
      printAll(context, opened.config.entries(crypter), flags);
    });
  const sub = (name: string): Command => command.command(name);

  sub("get <key>")
    .option("--path", "the key is a path into a structure")
    .action(async (key: string, flags: Flags) => {
      const opened = open(command.opts<Flags>());
      const entry = opened.config.get(key, flags.path ?? false, await reader(opened));
      if (!entry) throw new CliError(`configuration key '${key}' not found for stack '${opened.ref.name}'`);
      if (command.opts<Flags>().json) context.print(JSON.stringify(entryJson(entry, true), null, 2));
      else context.print(entry.value);
    });

  sub("set <key> [value]")
    .option("--path", "the key is a path into a structure")
    .option("--secret", "store the value encrypted")
    .option("--plaintext", "store the value readable")
    .action(async (key: string, value: string | undefined, flags: Flags) => {
      const opened = open(command.opts<Flags>());
      const text = value ?? (await promptValue(key, flags.secret === true, context.interactive));
      const crypter = flags.secret ? await opened.workspace.crypter(opened.ref, opened.config) : undefined;
      opened.config.set(key, text, { path: flags.path ?? false, crypter });
      opened.config.save();
    });

  const collect = (value: string, all: string[] = []): string[] => [...all, value];
  sub("set-all")
    .option("--path", "the keys are paths into structures")
    .option("--secret <key=value>", "store encrypted", collect)
    .option("--plaintext <key=value>", "store readable", collect)
    .action(async (flags: Flags) => {
      const opened = open(command.opts<Flags>());
      const json = command.opts<Flags>().json;
      if (json) throw unsupported("`config set-all --json`");
      const pairs = (list: boolean | string[] | undefined): [string, string][] =>
        (Array.isArray(list) ? list : []).map(parsePair);
      const path = flags.path ?? false;
      for (const [key, value] of pairs(flags.plaintext)) opened.config.set(key, value, { path });
      const secrets = pairs(flags.secret);
      const crypter =
        secrets.length > 0 ? await opened.workspace.crypter(opened.ref, opened.config) : undefined;
      for (const [key, value] of secrets) opened.config.set(key, value, { path, crypter });
      opened.config.save();
    });

  sub("rm <key>")
    .option("--path", "the key is a path into a structure")
    .action((key: string, flags: Flags) => {
      const { config } = open(command.opts<Flags>());
      config.remove(key, flags.path ?? false);
      config.save();
    });
  return command;
}

function parsePair(text: string): [string, string] {
  const cut = text.indexOf("=");
  if (cut > 0) return [text.slice(0, cut), text.slice(cut + 1)];
  throw new CliError(`config value "${text}": expected <key>=<value>`, exit.usage);
}

async function promptValue(key: string, secret: boolean, interactive: boolean): Promise<string> {
  if (!process.stdin.isTTY) return (await readStdin()).replace(/\r?\n$/, "");
  if (!interactive) throw new CliError(`config set ${key}: no value given`, exit.usage);
  return secret ? promptHidden("value") : prompt("value: ");
}

function entryJson(entry: ConfigEntry, show: boolean): JsonObject {
  const { value, secret, object } = entry;
  if (secret && !show) return { secret };
  return { value, ...(object === undefined ? {} : { objectValue: object }), secret };
}

function printAll(context: Context, entries: Record<string, ConfigEntry>, flags: Flags): void {
  const show = flags.showSecrets ?? false;
  if (flags.json) {
    const list = Object.entries(entries).map(([key, entry]) => [key, entryJson(entry, show)] as const);
    context.print(JSON.stringify(Object.fromEntries(list), null, 2));
    return;
  }
  const project = `${context.workspace().project.name}:`;
  const name = (key: string): string => (key.startsWith(project) ? key.slice(project.length) : key);
  const width = Math.max(3, ...Object.keys(entries).map((key) => name(key).length));
  context.print(`${"KEY".padEnd(width)}  VALUE`);
  for (const [key, { value, secret }] of Object.entries(entries)) {
    context.print(`${name(key).padEnd(width)}  ${secret && !show ? "[secret]" : value}`);
  }
}
