import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { upstreamHosts } from "../../config/upstreams.ts";
import { forgetBuilds } from "../build/unbuilt.ts";
import { deploy, type Deployed } from "../lib/deploy.ts";
import { confirmRepair, prepareUpdate } from "../drift/up.ts";
import { writeAtomically } from "../lib/files.ts";
import { stopIfInterrupted } from "../lib/interrupt.ts";
import { findWayBack, keepDeployed } from "../lib/last-healthy.ts";
import type { StackOutputs } from "../lib/outputs.ts";
import { serverLock } from "../lock/server.ts";
import { findSick, type Probe } from "../lib/probe.ts";
import { afterFailure, takeBack, type WayBack } from "../lib/restore.ts";
import { runningOutputs } from "../lib/running.ts";
import { setUpTasks, type SetUp } from "./setup.ts";
import { edited, editStackFile, readStackFile } from "../lib/stack-file-edit.ts";
import { runTasks } from "../lib/tasks.ts";
import { forgetShift, interruptedShift } from "../lib/traffic.ts";
import { refuseUnhealthy, Unhealthy, watchHealth } from "../lib/watch.ts";
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
  /** Absent when nothing ran before. */
  back?: WayBack;
  /** Applications that weren't healthy through the edge before: going back wouldn't help them. */
  sick?: string[];
  /** The stack file's text that is deployed. */
  text?: string;
  result?: Pick<UpResult, "changed" | "outputs" | "probes"> & { ended?: Date };
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
  await runTasks<Context>(
    [
      ...setUpTasks(),
      serverLock(stackName, "npm run up"),
      { title: "Drift", task: lookForDrift },
      { title: "Deploy", task: (current, task) => deployDeclared(current, task, options.watch) },
      {
        title: "Health through the edge",
        task: (current, task) => keepHealthy(current, task, options.watch),
      },
    ],
    context,
    options,
  );
  const { changed, outputs, probes } = context.result!;
  return {
    stack: stackName,
    changed,
    repaired: context.repaired ?? [],
    outputs,
    probes,
    certificateFile: saveCertificate(stackName, outputs),
    seconds: (Date.now() - started) / 1000,
    done: context.done,
  };
}

/** A task's line for a person. */
interface Line {
  title: string;
  output: string;
}

async function lookForDrift(context: Context, task: Line): Promise<void> {
  const upstreams = upstreamHosts(context.settings!.config.edge);
  const { title, repaired } = await prepareUpdate(context.stack!, upstreams, (line) => (task.output = line));
  task.title = `Drift: ${title}`;
  context.repaired = repaired;
}

async function deployDeclared(context: Context, task: Line, seconds: number): Promise<void> {
  const { stack } = context;
  const say = (line: string): string => (task.output = line);
  await remember(context);
  const first = await deploy(stack!, say).catch(async (error: unknown) => {
    if (!context.back) await buildAgain(context);
    return afterFailure(stack!, error, { back: wayBackOf(context), seconds, isFirst: !context.back }, say);
  });
  const second = context.repaired?.length ? await repairTheRest(context, say) : undefined;
  forgetShift(context.stackName);
  const changed = first.changed + (second?.changed ?? 0);
  task.title = changed === 0 ? "Deploy: nothing changed" : `Deploy: ${changed} resources changed`;
  const { outputs, ended } = second ?? first;
  context.result = { changed, outputs, ended, probes: [] };
}

/** What doesn't start may have been built wrongly: the same command builds what is corrected, layers that aren't are kept. */
async function buildAgain({ stackName, settings }: Context): Promise<void> {
  const edits = forgetBuilds(settings!.config);
  if (edits.length > 0) await editStackFile(stackName, (text) => edited(text, edits));
}

/** Looks again after an update that repaired something. @returns the second update, when one was needed */
async function repairTheRest(
  { stack, repaired }: Context,
  say: (line: string) => void,
): Promise<Deployed | undefined> {
  let second: Deployed | undefined;
  const update = async (): Promise<void> => {
    stopIfInterrupted();
    second = await deploy(stack!, say);
  };
  repaired!.push(...(await confirmRepair(stack!, update, say)));
  return second;
}

/** Watches what was deployed; what isn't healthy, and was before, is taken back. */
async function keepHealthy(context: Context, task: Line, watch: number): Promise<void> {
  const { stack, sick, text } = context;
  const say = (line: string): string => (task.output = line);
  const { changed, outputs, ended } = context.result!;
  try {
    const seconds = changed > 0 ? watch : 0;
    const probes = await watchHealth(outputs, { seconds, before: context.back?.before, sick, say });
    await refuseUnhealthy(outputs, probes);
    context.result!.probes = probes;
  } catch (error) {
    if (!(error instanceof Unhealthy)) throw error;
    const same = changed === 0 || error.apps.every((app) => sick?.includes(app));
    throw await takeBack(stack!, error, same ? undefined : wayBackOf(context), say);
  }
  // A text that was edited during the update was not deployed, or only half of it.
  if (text === readStackFile(context.stackName)) keepDeployed(stack!, text, { outputs, ended });
}

/** Looks, before anything changes, how to get back to what runs. */
async function remember(context: Context): Promise<void> {
  const { stack, stackName } = context;
  context.text = readStackFile(stackName);
  const interrupted = interruptedShift(stackName);
  if (interrupted)
    context.done.push(
      `a promotion of ${interrupted.app} was interrupted; what Pulumi.${stackName}.yaml declares is deployed`,
    );
  const before = await runningOutputs(stackName);
  if (!before) return;
  const [sick, text] = await Promise.all([findSick(before), findWayBack(stack!, before, context.text)]);
  context.sick = sick;
  context.back = { before, sick, text };
}

/** What ran before, unless it was deployed from the very same text. */
const wayBackOf = ({ back, text }: Context): Context["back"] => (back?.text === text ? undefined : back);

/** What visitors have to trust, as files; that of the domain is said in the summary. */
function saveCertificate(
  stackName: string,
  { certificate, siteCertificates = {} }: StackOutputs,
): string | undefined {
  const folder = join(LOCAL, stackName);
  const current = Object.keys(siteCertificates).map((site) => `ca-${site}.pem`);
  const known = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of known)
    if (/^ca-.+\.pem$/.test(name) && !current.includes(name)) rmSync(join(folder, name));
  for (const [site, pem] of Object.entries(siteCertificates))
    writeAtomically(join(folder, `ca-${site}.pem`), pem);
  if (certificate === undefined) return void rmSync(join(folder, "ca.pem"), { force: true });
  writeAtomically(join(folder, "ca.pem"), certificate);
  return `.fairlead/${stackName}/ca.pem`;
}
