import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { unclaim } from "../build/unclaim.ts";
import { usesRegistry } from "../../config/images.ts";
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
  if (!(await stackNames()).includes(stackName)) {
    // Killed after the state was gone: what this machine has of the stack is still there.
    if (existsSync(join(LOCAL, stackName))) context.kept.push(...(await cleanUp(stackName, true)));
    return context;
  }
  const stack = await openStack(stackName);
  const { config } = await readConfig(stack);
  const target = config.server.address ?? "the box on this machine";
  context.forgotten = options.forget;
  if (options.forget) await confirm(forgetting(stackName, target), options);
  else {
    // A box without a terminal is a test or a script; a rented server is never deleted without consent.
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
        task: async (result) => void result.kept.push(...(await cleanUp(stackName, usesRegistry(config)))),
      },
    ],
    context,
    options,
  );
  if (context.forgotten) context.kept.push(`everything on ${target}: nothing there was deleted`);
  return context;
}

/** What a person reads in the end. */
export function farewell({ stack, deleted, forgotten, kept }: DownResult): string {
  const nothing = `There is no stack ${stack}; nothing to delete.`;
  const done = deleted > 0 ? `${stack} is gone: ${deleted} resources deleted.` : nothing;
  return [forgotten ? `${stack} is forgotten.` : done, ...kept.map((what) => `Kept: ${what}`)].join("\n");
}

const forgetting = (stackName: string, target: string): string =>
  `This forgets ${stackName}: its state and its files on this machine go. Nothing on ${target} is deleted.`;

/**
 * Locks the server; one that can't be reached may be gone for good, and then nothing on it can be deleted.
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
 * Removes this machine's files of the stack, and what no other stack needs. The stack's own folder goes last: by it the
 * next run sees what this one, killed, has left.
 * @param pulled whether the stack may have used the local registry
 * @returns what was kept, and why
 */
async function cleanUp(stackName: string, pulled: boolean): Promise<string[]> {
  cleanStackFile(stackName);
  const others = await stackNames();
  const kept = [
    ...(await removeRegistryUnlessNeeded(pulled, others)),
    ...(pulled ? await leaveBuilds(stackName) : []),
    ...removePassphraseUnlessNeeded(others),
  ];
  rmSync(join(LOCAL, stackName), { recursive: true, force: true });
  if (existsSync(LOCAL) && readdirSync(LOCAL).length === 0) rmSync(LOCAL, { recursive: true });
  return kept;
}

/** A stack that never used the registry leaves it alone: a stack of another checkout may need it. */
async function removeRegistryUnlessNeeded(pulled: boolean, others: string[]): Promise<string[]> {
  const pulling = await filterAsync(others, pullsLocally);
  if (pulling.length > 0) return [`registry: ${stillNeededBy(pulling)}`];
  if (!pulled) return [];
  try {
    await removeRegistry({ checkout: ROOT });
    return [];
  } catch (error) {
    // Where this machine's Docker engine is gone, so is the registry; otherwise it stays until a person looks.
    return [`registry: ${explain(error).message}`];
  }
}

/** A registry that stays, for whomever, keeps no build for a stack that is gone. */
async function leaveBuilds(stackName: string): Promise<string[]> {
  try {
    await unclaim(stackName);
    return [];
  } catch (error) {
    return [`builds of ${stackName} in this machine's registry: ${explain(error).message}`];
  }
}

/** All stacks share one passphrase, and one folder for their state. */
function removePassphraseUnlessNeeded(others: string[]): string[] {
  if (others.length > 0) return [`passphrase: ${stillNeededBy(others)}`];
  rmSync(join(LOCAL, "state"), { recursive: true, force: true });
  const needed = secretsLeft() && existsSync(PASSPHRASE_FILE);
  if (needed) return [`${PASSPHRASE_FILE}: it opens secrets that you have set in a stack file`];
  rmSync(PASSPHRASE_FILE, { force: true });
  return [];
}

const stillNeededBy = (stacks: string[]): string =>
  `${stacks.join(", ")} still ${stacks.length > 1 ? "need" : "needs"} it`;

async function filterAsync(stacks: string[], test: (stack: string) => Promise<boolean>): Promise<string[]> {
  const passed = await Promise.all(stacks.map(test));
  return stacks.filter((_, index) => passed[index]);
}

/** Whether another stack pulls from the local registry; one that can't be read might. */
async function pullsLocally(stackName: string): Promise<boolean> {
  try {
    return usesRegistry((await readConfig(await openStack(stackName))).config);
  } catch {
    return true;
  }
}
