import type { Stack } from "@pulumi/pulumi/automation";
import { confirm } from "../lib/confirm.ts";
import { UserError } from "../lib/errors.ts";
import { during } from "../lib/heartbeat.ts";
import { interruptible, stopIfInterrupted } from "../lib/interrupt.ts";
import { lockServer } from "../lock/server.ts";
import type { StackOutputs } from "../lib/outputs.ts";
import { Progress } from "../lib/progress.ts";
import { runningOutputs } from "../lib/running.ts";
import { setUpTasks, type SetUp } from "./setup.ts";
import { edited, readStackFile, withDraft } from "../lib/stack-file-edit.ts";
import { runTasks } from "../lib/tasks.ts";
import {
  declared,
  interruptedShift,
  mainImage,
  shift,
  ShiftFailed,
  trafficOf,
  wholly,
  type Shift,
  type ShiftOptions,
  type Traffic,
} from "../lib/traffic.ts";

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
  const before = await runningOutputs(options.to);
  const interrupted = interruptedShift(options.to);
  const moves = plan(source, before, Object.keys(context.settings!.config.apps), interrupted);
  if (moves.length === 0) return [];

  await showPreview(stack, moves, options);
  stopIfInterrupted();
  await lockServer(options.to, "npm run promote");
  const changes = moves.map(({ app, image }) => `${app} → ${short(image)}`).join(", ");
  await confirm(`Promote from ${options.from} to ${options.to}: ${changes}.`, options);
  const tasks = moves.map((move) => ({
    title: `${move.app} → ${short(move.image)}`,
    task: async (_: SetUp, task: { output: string }) =>
      moveOne(stack, move, {
        seconds: options.watch,
        // What runs is no release to go back to where an earlier promotion of it was interrupted.
        runs: move.app === interrupted?.app ? undefined : await runningOutputs(options.to),
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
  const outputs = await runningOutputs(stackName);
  if (outputs) return outputs;
  throw new UserError(
    `${stackName} runs nothing that could be promoted.`,
    `npm run up -- --stack ${stackName}`,
  );
}

/**
 * Applications whose image differs; a source that spreads traffic promotes the release with the most weight.
 * @param interrupted a shift that an earlier run left half-way: what runs may be it, undeclared
 */
export function plan(
  source: StackOutputs,
  target: StackOutputs | undefined,
  apps: string[],
  interrupted?: Shift,
): Move[] {
  // The interrupted one first: there is a note for one application only.
  const order = interrupted ? [interrupted.app, ...apps.filter((app) => app !== interrupted.app)] : apps;
  return order.flatMap((app): Move[] => {
    const image = mainImage(source, app);
    const before = interrupted?.app === app ? interrupted.before : trafficOf(target, app);
    if (!image || (before?.length === 1 && before[0]!.image === image)) return [];
    return [{ app, image, before, state: "waiting" }];
  });
}

/** Shows what would change, from a draft: nothing is declared for a look. */
async function showPreview(stack: Stack, moves: Move[], options: PromoteOptions): Promise<void> {
  const { onEvent, underway } = new Progress(() => undefined);
  const edits = moves.map(({ app, image }) => declared(app, wholly(image)));
  await withDraft(stack.name, edited(readStackFile(stack.name), edits), async (configFile) => {
    const run = (signal: AbortSignal): ReturnType<Stack["preview"]> =>
      stack.preview({ onEvent, signal, configFile });
    const { changeSummary } = await during(underway, () => interruptible(run));
    if (!options.json) console.log(`Preview of ${stack.name}: ${JSON.stringify(changeSummary)}`);
  });
}

async function moveOne(stack: Stack, move: Move, options: Omit<ShiftOptions, "called">): Promise<void> {
  const { app, image, before } = move;
  try {
    await shift(stack, { app, to: wholly(image), before }, { ...options, called: "promoted" });
    move.state = "promoted";
  } catch (error) {
    if (error instanceof ShiftFailed && error.restored) move.state = "restored";
    throw error;
  }
}

/** `backend@sha256:1234567890…`, as a person reads it. */
function short(image: string): string {
  const [name, digest] = image.split("@");
  return `${name!.split("/").at(-1)}@${digest?.slice(0, 19)}`;
}
