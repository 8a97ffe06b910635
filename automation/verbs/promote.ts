import type { Stack } from "@pulumi/pulumi/automation";
import { confirm } from "../lib/confirm.ts";
import { deploy } from "../lib/deploy.ts";
import { explain, UserError } from "../lib/errors.ts";
import { during } from "../lib/heartbeat.ts";
import { interruptible, stopIfInterrupted } from "../lib/interrupt.ts";
import { lockServer } from "../lock/server.ts";
import { findWayBack, keepDeployed } from "../lib/last-healthy.ts";
import { readOutputs, type StackOutputs } from "../lib/outputs.ts";
import { Progress } from "../lib/progress.ts";
import { begin, cutOff, declared, end, type Traffic, type Underway } from "../lib/promotion.ts";
import { restore } from "../lib/restore.ts";
import { setUpTasks, type SetUp } from "./setup.ts";
import { edited, editStackFile, readStackFile, withDraft } from "../lib/stack-file-edit.ts";
import { runTasks } from "../lib/tasks.ts";
import { releaseNames, watchHealth } from "../lib/watch.ts";
import { openStack } from "../lib/workspace.ts";

/** One application whose release moves. */
export interface Move {
  app: string;
  /** Image that the source runs, by digest. */
  image: string;
  /** What the target ran before; absent for an application that it didn't run. */
  before?: Traffic;
  state: "waiting" | "promoted" | "restored" | "skipped";
}

export interface PromoteOptions {
  from: string;
  to: string;
  /** Seconds that an application must stay healthy before the next one moves. */
  watch: number;
  yes: boolean;
  json: boolean;
}

/**
 * Takes the digests that one stack runs to another: preview, then application by application an update and a watch
 * through the edge. When an application fails, its previous release comes back by itself and the rest doesn't move.
 * @throws UserError that says what failed and what was restored
 */
export async function promote(options: PromoteOptions): Promise<Move[]> {
  const source = await running(options.from);
  const context: SetUp = { stackName: options.to, yes: options.yes, done: [] };
  await runTasks<SetUp>(setUpTasks(), context, options);
  const stack = context.stack!;
  const before = readOutputs(await stack.outputs());
  const underway = cutOff(options.to);
  const moves = plan(source, before, Object.keys(context.settings!.config.apps), underway);
  if (moves.length === 0) return [];

  await showPreview(stack, moves, options);
  stopIfInterrupted();
  await lockServer(options.to, "npm run promote");
  const list = moves.map(({ app, image }) => `${app} → ${short(image)}`).join(", ");
  await confirm(`Promote from ${options.from} to ${options.to}: ${list}.`, options);
  const tasks = moves.map((move) => ({
    title: `${move.app} → ${short(move.image)}`,
    task: async (_: SetUp, task: { output: string }) =>
      moveOne(stack, move, {
        seconds: options.watch,
        // What runs is no release to go back to where a promotion of it was cut off.
        runs: move.app === underway?.app ? undefined : readOutputs(await stack.outputs()),
        say: (line) => (task.output = line),
      }),
  }));
  try {
    await runTasks<SetUp>(tasks, context, options);
  } finally {
    for (const move of moves) if (move.state === "waiting") move.state = "skipped";
  }
  return moves;
}

async function running(stackName: string): Promise<StackOutputs> {
  const outputs = readOutputs(await (await openStack(stackName)).outputs());
  if (outputs) return outputs;
  throw new UserError(
    `${stackName} runs nothing that could be promoted.`,
    `npm run up -- --stack ${stackName}`,
  );
}

/**
 * Applications whose image differs; a source that spreads traffic promotes the release with the most weight.
 * @param underway one that an earlier promotion was moving when it was killed: what runs may be it, undeclared
 */
export function plan(
  source: StackOutputs,
  target: StackOutputs | undefined,
  apps: string[],
  underway?: Underway,
): Move[] {
  // That one first: the note of it is for one application only.
  const order = underway ? [underway.app, ...apps.filter((app) => app !== underway.app)] : apps;
  return order.flatMap((app): Move[] => {
    const image = [...(source.releases[app] ?? [])].sort((a, b) => b.weight - a.weight)[0]?.image;
    const runs = target?.releases[app]?.map(({ image: old, weight }) => ({ image: old, weight }));
    const before = underway?.app === app ? underway.before : runs;
    if (!image || (before?.length === 1 && before[0]!.image === image)) return [];
    return [{ app, image, before, state: "waiting" }];
  });
}

/** Shows what would change, from a draft: nothing is declared for a look. */
async function showPreview(stack: Stack, moves: Move[], options: PromoteOptions): Promise<void> {
  const { onEvent, underway } = new Progress(() => undefined);
  const edits = moves.map(({ app, image }) => declared(app, [{ image, weight: 100 }]));
  await withDraft(stack.name, edited(readStackFile(stack.name), edits), async (configFile) => {
    const run = (signal: AbortSignal): ReturnType<Stack["preview"]> =>
      stack.preview({ onEvent, signal, configFile });
    const { changeSummary } = await during(underway, () => interruptible(run));
    if (!options.json) console.log(`Preview of ${stack.name}: ${JSON.stringify(changeSummary)}`);
  });
}

/**
 * One application: update, watch, and back again when either fails. The stack file declares it once it is healthy, in
 * one step; until then, and whatever happens, the file says what it said before.
 */
async function moveOne(
  stack: Stack,
  move: Move,
  { seconds, runs, say }: { seconds: number; runs?: StackOutputs; say: (line: string) => void },
): Promise<void> {
  const { app, image } = move;
  const current = readStackFile(stack.name);
  const back = runs
    ? { text: await findWayBack(stack, runs, current), names: releaseNames(runs) }
    : { text: edited(current, [declared(app, move.before)]), names: [] };
  const edit = declared(app, [{ image, weight: 100 }]);
  begin(stack.name, { app, image, before: move.before });
  try {
    const text = edited(current, [edit]);
    const { outputs } = await withDraft(stack.name, text, (file) => deploy(stack, say, file));
    await watchHealth(outputs, { seconds, before: runs, say });
    await editStackFile(stack.name, (now) => edited(now, [edit]));
    await keepDeployed(stack, text, outputs);
    move.state = "promoted";
  } catch (error) {
    throw await goBack(stack, move, back, { failure: error, say });
  } finally {
    end(stack.name);
  }
}

/** Puts the application's previous release back, and says what happened, whichever way it went. */
async function goBack(
  stack: Stack,
  move: Move,
  back: { text: string; names: string[] },
  { failure, say }: { failure: unknown; say: (line: string) => void },
): Promise<UserError> {
  const { app, before } = move;
  const { message, remedy } = explain(failure);
  try {
    if (before) await restore(stack, back.text, back.names, say);
    move.state = "restored";
  } catch (error) {
    const second = explain(error);
    return new UserError(
      `${message}\n${app} was not promoted, and what ran before could not be restored: ${second.message}`,
      `Pulumi.${stack.name}.yaml says what it said before: npm run up -- --stack ${stack.name} deploys that once the cause is mended.`,
      { cause: error },
    );
  }
  const what = before
    ? `its previous release serves again on ${stack.name}`
    : `${stack.name} does not declare it`;
  return new UserError(`${message}\n${app} was not promoted: ${what}.`, remedy, { cause: failure });
}

/** `backend@sha256:1234567890…`, as a person reads it. */
function short(image: string): string {
  const [name, digest] = image.split("@");
  return `${name!.split("/").at(-1)}@${digest?.slice(0, 19)}`;
}
