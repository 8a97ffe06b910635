import type { Stack } from "@pulumi/pulumi/automation";
import { deploy } from "./deploy.ts";
import { explain, UserError } from "./errors.ts";
import { isInterrupted } from "./interrupt.ts";
import type { StackOutputs } from "./outputs.ts";
import { withDraft } from "./stack-file-edit.ts";
import { keepDeployed } from "./last-healthy.ts";
import { watch } from "./probe.ts";
import { list, releaseNames, watchAfterFailure } from "./watch.ts";

/**
 * Deploys what ran before from a stack file's text that brings it back; the stack's own file stays as it is. Also after
 * an interrupt: a half-finished update must not stay.
 * @param names of the releases that ran
 * @param sick applications that weren't healthy when they did
 * @returns names of the releases that serve again
 * @throws UserError when something else serves now, or when it isn't healthy either
 */
export async function restore(
  stack: Stack,
  text: string,
  names: readonly string[],
  say: (line: string) => void,
  sick: readonly string[] = [],
): Promise<string[]> {
  say("putting back what served before");
  const deployed = await withDraft(stack.name, text, (file) => deploy(stack, say, file));
  const { outputs } = deployed;
  const now = releaseNames(outputs);
  const lost = names.filter((name) => !now.includes(name));
  if (lost.length > 0)
    throw new UserError(
      `its settings or secrets aren't known any more, so that ${now.join(", ")} is what serves now, not ${lost.join(", ")}.`,
      "Correct the stack file, and run the same command again.",
    );
  const probes = await watch(outputs, 0, { stop: () => undefined, sick });
  const failed = probes.filter(({ app, ok }) => !ok && !sick.includes(app));
  if (failed.length === 0) {
    keepDeployed(stack, text, deployed);
    return now;
  }
  throw new UserError(
    `it serves again, but isn't healthy either: ${list(failed)}`,
    `Look at the server: ${outputs.ssh}`,
  );
}

/** How to get back to what ran before. */
export interface WayBack {
  /** The stack file's text that brings it back. */
  text: string;
  before: StackOutputs;
  /** Applications that weren't healthy then. */
  sick?: readonly string[];
}

/** An update that was taken back, or couldn't be. */
export class TakenBack extends UserError {
  constructor(
    message: string,
    remedy: string,
    /** Releases that serve again; empty when nothing could be put back. */
    readonly restored: string[],
    options?: ErrorOptions,
  ) {
    super(message, remedy, options);
  }
}

/**
 * Puts back what served before an update that isn't healthy, and says what happened, whichever way it went.
 * @param back absent when nothing served before, or when it was the same configuration
 */
export async function takeBack(
  stack: Stack,
  failure: UserError,
  back: WayBack | undefined,
  say: (line: string) => void,
): Promise<TakenBack> {
  const file = `Pulumi.${stack.name}.yaml`;
  if (!back)
    return new TakenBack(
      `The stack is up, but not healthy. ${failure.message}\nNothing that was healthy served before, so nothing was put back.`,
      failure.remedy,
      [],
      { cause: failure },
    );
  try {
    const names = await restore(stack, back.text, releaseNames(back.before), say, back.sick);
    return new TakenBack(
      `${failure.message}\nThe update was taken back: what served before serves again (${names.join(", ")}).`,
      `${file} still declares what failed: correct it there, and run the same command again.`,
      names,
      { cause: failure },
    );
  } catch (error) {
    const second = explain(error);
    return new TakenBack(
      `${failure.message}\nWhat served before could not be put back: ${second.message}`,
      `${second.remedy} ${failure.remedy}`,
      [],
      { cause: error },
    );
  }
}

/** What a gate says of an application that fails it. */
const FAILS_GATE = /gets no traffic;|doesn't pass its gate|so nothing of it was started/;

/** The edge comes after every application (decision 0053): until then the others are up and can't be reached. */
function atFirst(error: unknown): unknown {
  const { message, remedy } = explain(error);
  if (!FAILS_GATE.test(message)) return error;
  return new UserError(
    `${message}\nNo site answers before every application has its traffic. What is up stays, and isn't made again.`,
    `${remedy} Or take the application that failed out of the stack file, and add it with a later update.`,
    { cause: error },
  );
}

/**
 * After an update that failed half-way: one application's new release was refused, which keeps what served before, but
 * another's may have got its traffic and be broken. Then all of it is taken back.
 * @param from what ran before, and which applications weren't healthy then; for how many seconds to look; whether no update
 * has succeeded yet
 * @throws what the update failed with, or what became of it
 */
export async function afterFailure(
  stack: Stack,
  error: unknown,
  from: { back?: WayBack; seconds: number; isFirst?: boolean },
  say: (line: string) => void,
): Promise<never> {
  const { back, seconds, isFirst } = from;
  // It says what was stopped.
  if (isInterrupted()) throw error;
  if (isFirst) throw atFirst(error);
  if (!back) throw error;
  const meanwhile = await watchAfterFailure(back.before, { seconds, sick: back.sick ?? [], say });
  if (meanwhile === undefined) throw error;
  const failure = new UserError(
    `${explain(error).message}\n${meanwhile}`,
    `Look at the server: ${back.before.ssh}`,
  );
  throw await takeBack(stack, failure, back, say);
}
