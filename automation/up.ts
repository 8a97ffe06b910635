import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { confirmRepair, prepareUpdate } from "./drift/up.ts";
import { known, UserError } from "./errors.ts";
import { writeAtomically } from "./files.ts";
import { interruptible, stopIfInterrupted } from "./interrupt.ts";
import { readOutputs, type StackOutputs } from "./outputs.ts";
import { serverLock } from "./lock/server.ts";
import { probe, type Probe } from "./probe.ts";
import { Progress } from "./progress.ts";
import { setUpTasks, type SetUp } from "./setup.ts";
import { runTasks } from "./tasks.ts";
import { LOCAL } from "./workspace.ts";

/** What an update did; printed as a summary or as JSON. */
export interface UpResult {
  stack: string;
  /** Resources created, updated, replaced or deleted. */
  changed: number;
  /** What had drifted on the server, and is as declared again. */
  repaired: string[];
  outputs: StackOutputs;
  probes: Probe[];
  /** File for `curl --cacert`; absent where public trust is enough. */
  certificateFile?: string;
  seconds: number;
  done: string[];
}

interface Context extends SetUp {
  repaired?: string[];
  result?: Pick<UpResult, "changed" | "outputs" | "probes">;
}

/** Sets up what is missing, deploys the whole stack, and asks it for its health through the edge. */
export async function up(stackName: string, options: { yes: boolean; json: boolean }): Promise<UpResult> {
  const started = Date.now();
  const context: Context = { stackName, yes: options.yes, done: [] };
  const deployTask = {
    title: "Deploy",
    task: async (current: Context, task: { output: string; title: string }) => {
      const say = (line: string): string => (task.output = line);
      let { changed, outputs } = await deploy(current.stack!, say);
      if (current.repaired?.length) {
        const again = async (): Promise<void> => {
          stopIfInterrupted();
          const more = await deploy(current.stack!, say);
          [changed, outputs] = [changed + more.changed, more.outputs];
        };
        current.repaired.push(...(await confirmRepair(current.stack!, again, say)));
      }
      task.title = changed === 0 ? "Deploy: nothing changed" : `Deploy: ${changed} resources changed`;
      current.result = { changed, outputs, probes: [] };
    },
  };
  const driftTask = {
    title: "Drift",
    task: async (current: Context, task: { output: string; title: string }) => {
      const { title, repaired } = await prepareUpdate(current.stack!, (line) => (task.output = line));
      task.title = `Drift: ${title}`;
      current.repaired = repaired;
    },
  };
  const probeTask = {
    title: "Health through the edge",
    task: async (current: Context) => {
      const probes = await probe(current.result!.outputs);
      current.result!.probes = probes;
      const failed = probes.filter(({ ok }) => !ok);
      if (failed.length === 0) return;
      const list = failed.map(({ app, url, answer }) => `${app}: ${url} answered ${answer}`).join("; ");
      throw new UserError(
        `The stack is up, but not healthy: ${list}`,
        `Look at the server: ${current.result!.outputs.ssh}`,
      );
    },
  };
  await runTasks<Context>(
    [...setUpTasks(), serverLock(stackName, "npm run up"), driftTask, deployTask, probeTask],
    context,
    options,
  );
  const { changed, outputs, probes } = context.result!;
  const certificateFile = saveCertificate(stackName, outputs);
  return {
    stack: stackName,
    changed,
    repaired: context.repaired ?? [],
    outputs,
    probes,
    certificateFile,
    seconds: (Date.now() - started) / 1000,
    done: context.done,
  };
}

/**
 * One update of a stack.
 * @throws UserError with the engine's own error lines
 */
export async function deploy(
  stack: Stack,
  say: (line: string) => void,
): Promise<{ changed: number; outputs: StackOutputs }> {
  const progress = new Progress(say);
  let outputs: StackOutputs | undefined;
  try {
    const { onEvent } = progress;
    outputs = readOutputs((await interruptible((signal) => stack.up({ onEvent, signal }))).outputs);
  } catch (error) {
    stopIfInterrupted();
    if (progress.errors.length === 0) throw error;
    const text = progress.errors.join("\n");
    const understood = known(text);
    if (understood) throw understood;
    throw new UserError(text, "Correct it and run the same command again; what was done is kept.", {
      cause: error,
    });
  }
  if (!outputs)
    throw new UserError(
      "The stack's outputs are incomplete.",
      `npx pulumi stack output --stack ${stack.name} shows them.`,
    );
  return { changed: progress.changed, outputs };
}

function saveCertificate(stackName: string, { certificate }: StackOutputs): string | undefined {
  const folder = join(LOCAL, stackName);
  if (certificate === undefined) return void rmSync(join(folder, "ca.pem"), { force: true });
  writeAtomically(join(folder, "ca.pem"), certificate);
  return `.fairlead/${stackName}/ca.pem`;
}
