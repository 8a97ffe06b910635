import { rmSync } from "node:fs";
import { join } from "node:path";
import { deploy } from "../lib/deploy.ts";
import { confirmRepair, prepareUpdate } from "../drift/up.ts";
import { writeAtomically } from "../lib/files.ts";
import { stopIfInterrupted } from "../lib/interrupt.ts";
import { findWayBack, keepDeployed } from "../lib/last-healthy.ts";
import { readOutputs, type StackOutputs } from "../lib/outputs.ts";
import { serverLock } from "../lock/server.ts";
import { probe, type Probe } from "../lib/probe.ts";
import { cutOff, end as endPromotion } from "../lib/promotion.ts";
import { afterFailure, takeBack } from "../lib/restore.ts";
import { setUpTasks, type SetUp } from "./setup.ts";
import { readStackFile } from "../lib/stack-file-edit.ts";
import { runTasks } from "../lib/tasks.ts";
import { Unhealthy, watchHealth } from "../lib/watch.ts";
import { LOCAL } from "../lib/workspace.ts";

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
  /** What ran before, and the stack file's text that brings it back; absent when nothing did. */
  back?: { before: StackOutputs; text: string };
  /** Applications that weren't healthy through the edge before: going back wouldn't help them. */
  sick?: string[];
  /** The stack file's text that is deployed. */
  text?: string;
  result?: Pick<UpResult, "changed" | "outputs" | "probes">;
}

export interface UpOptions {
  /** Seconds that the stack must stay healthy after something has changed. */
  watch: number;
  yes: boolean;
  json: boolean;
}

/**
 * Sets up what is missing, deploys the whole stack, and watches its health through the edge for a while. When it isn't
 * healthy, what served before comes back by itself.
 * @throws UserError with what failed, and what serves now
 */
export async function up(stackName: string, options: UpOptions): Promise<UpResult> {
  const started = Date.now();
  const context: Context = { stackName, yes: options.yes, done: [] };
  const deployTask = {
    title: "Deploy",
    task: async (current: Context, task: { output: string; title: string }) => {
      const say = (line: string): string => (task.output = line);
      await remember(current);
      let { changed, outputs } = await deploy(current.stack!, say).catch((error: unknown) =>
        afterFailure(
          current.stack!,
          error,
          { back: wayBackOf(current), sick: current.sick, seconds: options.watch },
          say,
        ),
      );
      if (current.repaired?.length) {
        const again = async (): Promise<void> => {
          stopIfInterrupted();
          const more = await deploy(current.stack!, say);
          [changed, outputs] = [changed + more.changed, more.outputs];
        };
        current.repaired.push(...(await confirmRepair(current.stack!, again, say)));
      }
      endPromotion(current.stackName);
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
    task: async (current: Context, task: { output: string }) => {
      const say = (line: string): string => (task.output = line);
      const { changed, outputs } = current.result!;
      const seconds = changed > 0 ? options.watch : 0;
      try {
        current.result!.probes = await watchHealth(outputs, {
          ...{ seconds, say, before: current.back?.before },
        });
      } catch (error) {
        if (!(error instanceof Unhealthy)) throw error;
        const same = changed === 0 || error.apps.every((app) => current.sick?.includes(app));
        const back = same ? undefined : wayBackOf(current);
        throw await takeBack(current.stack!, error, back, say);
      }
      // What somebody has written into the stack file meanwhile was not deployed, or only half of it.
      if (current.text === readStackFile(stackName))
        await keepDeployed(current.stack!, current.text, outputs);
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

/** Looks, before anything changes, how to get back to what runs. */
async function remember(context: Context): Promise<void> {
  const { stack, stackName } = context;
  context.text = readStackFile(stackName);
  const underway = cutOff(stackName);
  if (underway)
    context.done.push(
      `a promotion of ${underway.app} was cut off; what Pulumi.${stackName}.yaml declares is deployed`,
    );
  const before = readOutputs(await stack!.outputs());
  if (!before) return;
  context.sick = (await probe(before)).filter(({ ok }) => !ok).map(({ app }) => app);
  context.back = { before, text: await findWayBack(stack!, before, context.text) };
}

/** What ran before, unless it was deployed from the very same text. */
const wayBackOf = ({ back, text }: Context): Context["back"] => (back?.text === text ? undefined : back);

function saveCertificate(stackName: string, { certificate }: StackOutputs): string | undefined {
  const folder = join(LOCAL, stackName);
  if (certificate === undefined) return void rmSync(join(folder, "ca.pem"), { force: true });
  writeAtomically(join(folder, "ca.pem"), certificate);
  return `.fairlead/${stackName}/ca.pem`;
}
