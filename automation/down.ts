import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { usesRegistry } from "../config/images.ts";
import type { StackConfig } from "../config/schema/index.ts";
import { confirm } from "./confirm.ts";
import { UserError } from "./errors.ts";
import { removeRegistry } from "./images/index.ts";
import { Progress } from "./progress.ts";
import { interruptible, stopIfInterrupted } from "./interrupt.ts";
import { readConfig } from "./stack-config.ts";
import { cleanStackFile, secretsLeft } from "./stack-file.ts";
import { runTasks } from "./tasks.ts";
import { LOCAL, openStack, PASSPHRASE_FILE, ROOT, stackNames } from "./workspace.ts";

/** What went away. */
export interface DownResult {
  stack: string;
  deleted: number;
  /** What was kept on purpose, and why. */
  kept: string[];
}

/**
 * Deletes the stack with its data and its state; the last one takes the passphrase along, and the last one that pulls
 * from the local registry takes that along.
 * Packages, the Docker engine and built images stay: others may use them by now.
 */
export async function down(stackName: string, options: { yes: boolean; json: boolean }): Promise<DownResult> {
  if (!(await stackNames()).includes(stackName)) return { stack: stackName, deleted: 0, kept: [] };
  const stack = await openStack(stackName);
  const { config } = await readConfig(stack);
  const target = config.server.address ?? "the box on this machine";
  // A box without a terminal is a test or a script; a rented server never goes without somebody saying so.
  const yes = options.yes || (!config.server.address && !process.stdin.isTTY);
  await confirm(`This deletes ${stackName} (${target}) with all its data.`, { yes });
  const context: DownResult = { stack: stackName, deleted: 0, kept: [] };
  await runTasks<DownResult>(
    [
      {
        title: `Delete ${stackName}`,
        task: async (result, task) => {
          const progress = new Progress((line) => (task.output = line));
          try {
            const { onEvent } = progress;
            await interruptible((signal) => stack.destroy({ onEvent, signal }));
          } catch (error) {
            stopIfInterrupted();
            if (progress.errors.length === 0) throw error;
            throw new UserError(
              progress.errors.join("\n"),
              "Run the same command again; what is gone stays gone.",
              { cause: error },
            );
          }
          result.deleted = progress.changed;
          await stack.workspace.removeStack(stackName, { preserveConfig: true });
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
  return context;
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
  if (usesRegistry(config) && pulling.length === 0) await removeRegistry({ checkout: ROOT });
  if (left.length > 0) return [...kept, `passphrase: ${list(left)} it`];
  rmSync(join(LOCAL, "state"), { recursive: true, force: true });
  if (!secretsLeft()) rmSync(PASSPHRASE_FILE, { force: true });
  else if (existsSync(PASSPHRASE_FILE))
    kept.push(`${PASSPHRASE_FILE}: it opens secrets that you have set in a stack file`);
  if (existsSync(LOCAL) && readdirSync(LOCAL).length === 0) rmSync(LOCAL, { recursive: true });
  return kept;
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
