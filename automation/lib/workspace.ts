import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { execa } from "execa";
import { lostPassphrase, UserError } from "./errors.ts";

/** The project's folder. */
export const ROOT = resolve(__dirname, "../..");
/** What this machine keeps for the project: state, passphrase, certificates, SSH identities. Never committed. */
export const LOCAL = join(ROOT, ".fairlead");
export const PASSPHRASE_FILE = join(LOCAL, "passphrase");

/** Environment of every engine call. A passphrase that the user has set is used; otherwise the project's own file. */
export function environment(): Record<string, string> {
  return {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...(usesOwnFile(PASSPHRASE_FILE) ? { PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE_FILE } : {}),
  };
}

/** Whether the passphrase is in the project's own file: nothing else is set, or that file itself for `npx pulumi`. */
function usesOwnFile(own: string): boolean {
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  return PULUMI_CONFIG_PASSPHRASE === undefined && (!file || resolve(file) === own);
}

/**
 * Makes the folder for the state and, unless the user brings one, a passphrase of 256 random bits.
 * @returns whether it made one
 * @throws UserError when there was one: a new one would open nothing of what is encrypted
 */
export function ensurePassphrase(root = ROOT): boolean {
  const local = join(root, ".fairlead");
  const file = join(local, "passphrase");
  const missing = usesOwnFile(resolve(file)) && !existsSync(file);
  if (missing && hasSalt(root)) throw lostPassphrase(file);
  mkdirSync(join(local, "state"), { recursive: true, mode: 0o700 });
  if (!missing) return false;
  makeOnce(file, `${randomBytes(32).toString("base64url")}\n`);
  return true;
}

/** In one step, and never over one that another run has made: half a passphrase would open nothing, ever. */
function makeOnce(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  try {
    linkSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Whether something was encrypted with a passphrase, in any stack: all share one. */
function hasSalt(root: string): boolean {
  const files = readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  return files.some((name) => /^encryptionsalt:/m.test(readFileSync(join(root, name), "utf8")));
}

/** The stack of that name; `create` makes it when it isn't there. */
export async function openStack(stackName: string, create = false): Promise<Stack> {
  const options = { workDir: ROOT, envVars: environment() };
  return create
    ? LocalWorkspace.createOrSelectStack({ stackName, workDir: ROOT }, options)
    : LocalWorkspace.selectStack({ stackName, workDir: ROOT }, options);
}

/** Names of the stacks that have a state. */
export async function stackNames(): Promise<string[]> {
  if (!existsSync(join(LOCAL, "state")) && !process.env.PULUMI_BACKEND_URL) return [];
  const workspace = await LocalWorkspace.create({ workDir: ROOT, envVars: environment() });
  return (await workspace.listStacks()).map(({ name }) => name);
}

/** How long a command of the engine may take that changes nothing on a server, minutes: a backend may be far away. */
const MINUTES = 10;

/**
 * The engine itself, for what the Automation API would put into an argument list: secrets go through standard input.
 * @throws UserError when it doesn't end
 */
export async function pulumi(args: string[], input?: string): Promise<string> {
  const result = await execa("pulumi", [...args, "--non-interactive"], {
    cwd: ROOT,
    env: environment(),
    input,
    timeout: MINUTES * 60_000,
    forceKillAfterDelay: 10_000,
    reject: false,
  });
  if (result.timedOut)
    throw new UserError(
      `pulumi ${args.slice(0, 2).join(" ")} did not end within ${MINUTES} minutes.`,
      "Look whether the place of the state answers (npx pulumi whoami --verbose names it), and run the same command again.",
    );
  if (result instanceof Error) throw result;
  return result.stdout;
}
