import type { Stack, UpdateSummary } from "@pulumi/pulumi/automation";
import { endWaits } from "../lock/server.ts";
import { known, UserError } from "./errors.ts";
import { during } from "./heartbeat.ts";
import { interruptible, interruption, isInterrupted } from "./interrupt.ts";
import { readOutputs, type StackOutputs } from "./outputs.ts";
import { Progress } from "./progress.ts";

/** What an update did. */
export interface Deployed {
  /** Resources created, updated, replaced or deleted. */
  changed: number;
  outputs: StackOutputs;
  /** When it ended, as the stack's history says it; absent where the backend keeps none. */
  ended?: Date;
}

/**
 * One update of a stack.
 * @param configFile what to deploy instead of what the stack's own file says
 * @throws UserError with the engine's own error lines
 */
export async function deploy(
  stack: Stack,
  say: (line: string) => void,
  configFile?: string,
): Promise<Deployed> {
  const progress = new Progress(say);
  let outputs: StackOutputs | undefined;
  let ended: Date | undefined;
  try {
    const { onEvent } = progress;
    const run = (signal: AbortSignal): ReturnType<Stack["up"]> => stack.up({ onEvent, signal, configFile });
    const stopWaiting = (): Promise<void> => endWaits(stack.name);
    const result = await during(progress.underway, () => interruptible(run, stopWaiting));
    outputs = readOutputs(result.outputs);
    ended = (result.summary as UpdateSummary | undefined)?.endTime;
  } catch (error) {
    if (isInterrupted()) throw interruption(progress.errors);
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
  return { changed: progress.changed, outputs, ended };
}
