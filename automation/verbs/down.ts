import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { usesRegistry } from "../../config/images.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import { ask, confirm } from "../lib/confirm.ts";
import { explain, UserError } from "../lib/errors.ts";
import { during } from "../lib/heartbeat.ts";
import { removeRegistry } from "../images/index.ts";
import { lockServer } from "../lock/server.ts";
import { Progress } from "../lib/progress.ts";
import { interruptible, stopIfInterrupted } from "../lib/interrupt.ts";
import { readConfig } from "../lib/stack-config.ts";
import { cleanStackFile, secretsLeft } from "../lib/stack-file.ts";
import { runTasks } from "../lib/tasks.ts";
import { LOCAL, openStack, PASSPHRASE_FILE, ROOT, stackNames } from "../lib/workspace.ts";

/** What went away. */
export interface DownResult {
  stack: string;
  deleted: number;
  /** Only state and files of this machine went; the server wasn't asked. */
  forgotten: boolean;
  /** What was kept on purpose, and why. */
  kept: string[];
}

export interface DownOptions {
  yes: boolean;
  json: boolean;
  /** The server is gone for good: only what this machine has of the stack goes. */
  forget: boolean;
}

/**
 * Deletes the stack with its data and its state; the last one takes the passphrase along, and the last one that pulls
 * from the local registry takes that along.
 * Packages, the Docker engine and built images stay: others may use them by now.
 */
export async function down(stackName: string, options: DownOptions): Promise<DownResult> {
  const context: DownResult = { stack: stackName, deleted: 0, forgotten: false, kept: [] };
  if (!(await stackNames()).includes(stackName)) return context;
  const stack = await openStack(stackName);
  const { config } = await readConfig(stack);
  const target = config.server.address ?? "the box on this machine";
  context.forgotten = options.forget;
  if (options.forget) await confirm(forgetting(stackName, target), options);
  else {
    // A box without a terminal is a test or a script; a rented server never goes without somebody saying so.
    const yes = options.yes || (!config.server.address && !process.stdin.isTTY);
    await confirm(`This deletes ${stackName} (${target}) with all its data.`, { yes });
    context.forgotten = await offerToForget(stackName, target, options);
  }
  await runTasks<DownResult>(
    [
      {
        title: context.forgotten ? `Forget ${stackName}` : `Delete ${stackName}`,
        task: async (result, task) => {
          if (!context.forgotten) result.deleted = await destroy(stack, (line) => (task.output = line));
          await stack.workspace.removeStack(stackName, { preserveConfig: true, force: context.forgotten });
        },
      },
      {
        title: "Clean up",
        task: async (result) => void result.kept.push(...(await cleanUp(stackName, config))),
      },
    ],
    context,
    options,
  );
  if (context.forgotten) context.kept.push(`everything on ${target}: nothing there was deleted`);
  return context;
}

const forgetting = (stackName: string, target: string): string =>
  `This forgets ${stackName}: its state and its files on this machine go. Nothing on ${target} is deleted.`;

/**
 * Locks the server; one that can't be reached may be gone for good, and then nobody can delete what was on it.
 * @returns whether a person wants the stack forgotten
 */
async function offerToForget(stackName: string, target: string, options: DownOptions): Promise<boolean> {
  const { unreachable } = await lockServer(stackName, "npm run down");
  if (!unreachable) return false;
  const found = `${unreachable.server} can't be reached, so nothing was deleted: ${unreachable.words}`;
  if (!options.json && !options.yes) {
    process.stderr.write(`${found}\n`);
    if (await ask(`Is it gone for good? ${forgetting(stackName, target)}`)) return true;
  }
  throw new UserError(found, `Make it reachable and run the same command again. ${goneForGood(stackName)}`);
}

const goneForGood = (stackName: string): string =>
  `If the server is gone for good: npm run down -- --stack ${stackName} --forget removes the stack's state and files here, and deletes nothing there.`;

async function destroy(stack: Stack, say: (line: string) => void): Promise<number> {
  const progress = new Progress(say);
  try {
    const { onEvent } = progress;
    await during(progress.underway, () => interruptible((signal) => stack.destroy({ onEvent, signal })));
  } catch (error) {
    stopIfInterrupted();
    if (progress.errors.length === 0) throw error;
    const remedy = `Run the same command again; what is gone stays gone. ${goneForGood(stack.name)}`;
    throw new UserError(progress.errors.join("\n"), remedy, { cause: error });
  }
  return progress.changed;
}

/**
 * Files, registry and passphrase. Whoever is the last that needs something takes it along; a stack that never had to do
 * with the registry leaves it to those of other checkouts.
 */
async function cleanUp(stackName: string, config: StackConfig): Promise<string[]> {
  cleanStackFile(stackName);
  rmSync(join(LOCAL, stackName), { recursive: true, force: true });
  const left = await stackNames();
  const pulling = await those(left, pullsLocally);
  const kept = pulling.length > 0 ? [`registry: ${list(pulling)} it`] : [];
  if (usesRegistry(config) && pulling.length === 0) kept.push(...(await withoutRegistry()));
  if (left.length > 0) return [...kept, `passphrase: ${list(left)} it`];
  rmSync(join(LOCAL, "state"), { recursive: true, force: true });
  if (!secretsLeft()) rmSync(PASSPHRASE_FILE, { force: true });
  else if (existsSync(PASSPHRASE_FILE))
    kept.push(`${PASSPHRASE_FILE}: it opens secrets that you have set in a stack file`);
  if (existsSync(LOCAL) && readdirSync(LOCAL).length === 0) rmSync(LOCAL, { recursive: true });
  return kept;
}

/** Where this machine's Docker engine is gone, so is the registry, or it stays until somebody looks. */
async function withoutRegistry(): Promise<string[]> {
  try {
    await removeRegistry({ checkout: ROOT });
    return [];
  } catch (error) {
    return [`registry: ${explain(error).message}`];
  }
}

const list = (stacks: string[]): string =>
  `${stacks.join(", ")} still ${stacks.length > 1 ? "need" : "needs"}`;

async function those(stacks: string[], test: (stack: string) => Promise<boolean>): Promise<string[]> {
  const found = await Promise.all(stacks.map(test));
  return stacks.filter((_, index) => found[index]);
}

/** Whether another stack pulls from the local registry; one that can't be read might. */
async function pullsLocally(stackName: string): Promise<boolean> {
  try {
    return usesRegistry((await readConfig(await openStack(stackName))).config);
  } catch {
    return true;
  }
}
