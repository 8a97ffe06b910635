import type { Stack } from "@pulumi/pulumi/automation";
import { confirm } from "./confirm.ts";
import { explain, UserError } from "./errors.ts";
import { interruptible, stopIfInterrupted } from "./interrupt.ts";
import { lockServer } from "./lock/server.ts";
import { readOutputs, type StackOutputs } from "./outputs.ts";
import { watch } from "./probe.ts";
import { Progress } from "./progress.ts";
import { setUpTasks, type SetUp } from "./setup.ts";
import { runTasks } from "./tasks.ts";
import { deploy } from "./up.ts";
import { openStack } from "./workspace.ts";

/** One application whose release moves. */
export interface Move {
  app: string;
  /** Image that the source runs, by digest. */
  image: string;
  /** What the target ran before; absent for an application that it didn't run. */
  before?: Traffic;
  state: "waiting" | "promoted" | "restored" | "skipped";
}

type Traffic = { image: string; weight: number }[];

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
  const moves = plan(source, before, Object.keys(context.settings!.config.apps));
  if (moves.length === 0) return [];

  await showPreview(stack, moves, options);
  stopIfInterrupted();
  await lockServer(options.to, "npm run promote");
  const list = moves.map(({ app, image }) => `${app} → ${short(image)}`).join(", ");
  await confirm(`Promote from ${options.from} to ${options.to}: ${list}.`, options);
  const tasks = moves.map((move) => ({
    title: `${move.app} → ${short(move.image)}`,
    task: async (_: SetUp, task: { output: string }) =>
      moveOne(stack, move, options.watch, (line) => (task.output = line)),
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

/** Applications whose image differs; a source that spreads traffic promotes the release with the most weight. */
export function plan(source: StackOutputs, target: StackOutputs | undefined, apps: string[]): Move[] {
  return apps.flatMap((app): Move[] => {
    const image = [...(source.releases[app] ?? [])].sort((a, b) => b.weight - a.weight)[0]?.image;
    const before = target?.releases[app]?.map(({ image: old, weight }) => ({ image: old, weight }));
    if (!image || (before?.length === 1 && before[0]!.image === image)) return [];
    return [{ app, image, before, state: "waiting" }];
  });
}

async function showPreview(stack: Stack, moves: Move[], options: PromoteOptions): Promise<void> {
  const progress = new Progress(() => undefined);
  await withTraffic(stack, moves, async () => {
    const { onEvent } = progress;
    const { changeSummary } = await interruptible((signal) => stack.preview({ onEvent, signal }));
    if (!options.json) console.log(`Preview of ${stack.name}: ${JSON.stringify(changeSummary)}`);
  });
}

/** Declares the new traffic only for the time of a look. */
async function withTraffic(stack: Stack, moves: Move[], look: () => Promise<void>): Promise<void> {
  for (const { app, image } of moves) await declare(stack, app, [{ image, weight: 100 }]);
  try {
    await look();
  } finally {
    for (const { app, before } of moves) await declare(stack, app, before);
  }
}

/** One application: update, watch, and back again when either fails. */
async function moveOne(
  stack: Stack,
  move: Move,
  seconds: number,
  say: (line: string) => void,
): Promise<void> {
  await declare(stack, move.app, [{ image: move.image, weight: 100 }]);
  try {
    const { outputs } = await deploy(stack, say);
    say(`watching ${outputs.url} for ${seconds} s`);
    const failed = (await watch(outputs, seconds)).filter(({ ok }) => !ok);
    if (failed.length > 0) {
      const list = failed.map(({ app, url, answer }) => `${app} (${url}) answered ${answer}`).join("; ");
      throw new UserError(
        `${move.app} is not healthy through the edge: ${list}`,
        "Look at its logs on the server.",
      );
    }
    move.state = "promoted";
  } catch (error) {
    await restore(stack, move, say).catch((failure: unknown) => {
      throw notRestored(stack, move, error, failure);
    });
    const what = move.before
      ? `its previous release serves again on ${stack.name}`
      : `it is withdrawn from the declared traffic of ${stack.name}`;
    throw new UserError(
      `${explain(error).message}\n${move.app} was not promoted: ${what}.`,
      explain(error).remedy,
      { cause: error },
    );
  }
}

/** Neither the new release nor the old one: both reasons are told, the first one first. */
function notRestored(stack: Stack, { app }: Move, first: unknown, then: unknown): UserError {
  return new UserError(
    `${explain(first).message}\n${app} was not promoted, and what ran before could not be restored: ${explain(then).message}`,
    `What ran before is declared again: npm run up -- --stack ${stack.name} brings it back once the cause is mended.`,
    { cause: then },
  );
}

async function restore(stack: Stack, move: Move, say: (line: string) => void): Promise<void> {
  say(`restoring ${move.app}`);
  await declare(stack, move.app, move.before);
  if (move.before) await deploy(stack, say);
  move.state = "restored";
}

/** Writes an application's traffic into the stack's config; without one its `image` counts again. */
async function declare(stack: Stack, app: string, traffic: Traffic | undefined): Promise<void> {
  const key = `fairlead:releases.${app}`;
  await stack.removeConfig(key, true);
  if (!traffic) return;
  const values = traffic.flatMap(({ image, weight }, index) => [
    [`${key}[${index}].image`, { value: image }],
    [`${key}[${index}].weight`, { value: String(weight) }],
  ]);
  await stack.setAllConfig(Object.fromEntries(values) as Record<string, { value: string }>, true);
}

/** `backend@sha256:1234567890…`, as a person reads it. */
function short(image: string): string {
  const [name, digest] = image.split("@");
  return `${name!.split("/").at(-1)}@${digest?.slice(0, 19)}`;
}
