import type { Stack } from "@pulumi/pulumi/automation";
import { deploy } from "./deploy.ts";
import { explain, UserError } from "./errors.ts";
import { findWayBack, keepDeployed } from "./last-healthy.ts";
import type { StackOutputs } from "./outputs.ts";
import { findSick } from "./probe.ts";
import { restore } from "./restore.ts";
import { forgetShift, noteShift, type Shift, type Traffic } from "./shift-note.ts";
import { edited, editStackFile, readStackFile, withDraft, type Edit } from "./stack-file-edit.ts";
import { timed } from "./timed.ts";
import { releaseNames, watchHealth } from "./watch.ts";

export { forgetShift, interruptedShift, type Shift, type Traffic } from "./shift-note.ts";

/** The edit of a stack file that declares an application's traffic; without one its `image` counts again. */
export const declared = (app: string, to: Traffic | undefined): Edit => [["releases", app], to];

/** All of an application's traffic to one image. */
export const wholly = (image: string): Traffic => [{ image, weight: 100 }];

/** Where an application's visitors go now; `undefined` when the stack doesn't run it. */
export function trafficOf(outputs: StackOutputs | undefined, app: string): Traffic | undefined {
  return outputs?.releases[app]?.map(({ image, weight }) => ({ image, weight }));
}

/** The image that most of an application's visitors get. */
export function mainImage(outputs: StackOutputs, app: string): string | undefined {
  return trafficOf(outputs, app)?.toSorted((a, b) => b.weight - a.weight)[0]?.image;
}

/** A shift that failed; whether what served before serves again. */
export class ShiftFailed extends UserError {
  constructor(
    message: string,
    remedy: string,
    readonly restored: boolean,
    options?: ErrorOptions,
  ) {
    super(message, remedy, options);
  }
}

/** How a shift is done. */
export interface ShiftOptions {
  /** Seconds that the stack must stay healthy with the new traffic. */
  seconds: number;
  /** What the stack runs; missing when that is no release to go back to. */
  runs?: StackOutputs;
  /** What the stack file says of the new traffic, where it isn't {@link declared}. */
  edits?: readonly Edit[];
  /** What an application is when its shift has succeeded, for the error: `promoted`. */
  called: string;
  say: (line: string) => void;
}

/** A shift that succeeded. */
export interface Shifted {
  /** The stack's, with the new traffic. */
  outputs: StackOutputs;
  /** How long the update took, and the watch after it. */
  seconds: { release: number; watch: number };
}

/**
 * Shifts the traffic of one application: an update, a watch, and back to what served before when either fails. The stack
 * file declares the new traffic once it is healthy, in one step; until then it stays as it was.
 * @throws ShiftFailed with what failed, and what serves now
 */
export async function shift(stack: Stack, moved: Shift, options: ShiftOptions): Promise<Shifted> {
  const { seconds, runs, say } = options;
  const current = readStackFile(stack.name);
  const edits = options.edits ?? [declared(moved.app, moved.to)];
  const [back, unhealthy] = await Promise.all([
    wayBackFrom(stack, moved, current, runs),
    runs ? findSick(runs) : [],
  ]);
  // Another application that doesn't work must keep neither its own mend nor any other release from moving.
  const sick = unhealthy.filter((app) => app !== moved.app);
  noteShift(stack.name, moved);
  try {
    const text = edited(current, edits);
    const [done, release] = await timed(() =>
      withDraft(stack.name, text, (file) => deploy(stack, say, file)),
    );
    const { outputs } = done;
    const [, watched] = await timed(() => watchHealth(outputs, { seconds, before: runs, sick, say }));
    await editStackFile(stack.name, (now) => edited(now, edits));
    keepDeployed(stack, text, done);
    return { outputs, seconds: { release, watch: watched } };
  } catch (error) {
    throw await putBack(stack, moved, back, { failure: error, sick, ...options });
  } finally {
    forgetShift(stack.name);
  }
}

/** A stack file's text that brings back what serves, and the names of these releases. */
interface WayBack {
  text: string;
  names: string[];
}

async function wayBackFrom(
  stack: Stack,
  { app, before }: Shift,
  current: string,
  runs: StackOutputs | undefined,
): Promise<WayBack> {
  if (!runs) return { text: edited(current, [declared(app, before)]), names: [] };
  return { text: await findWayBack(stack, runs, current), names: releaseNames(runs) };
}

/** Restores what served before, and says what happened, whichever way it went. */
async function putBack(
  stack: Stack,
  { app, before }: Shift,
  back: WayBack,
  {
    failure,
    sick,
    called,
    say,
  }: { failure: unknown; sick: string[]; called: string; say: (line: string) => void },
): Promise<ShiftFailed> {
  const { message, remedy } = explain(failure);
  try {
    if (before) await restore(stack, back.text, back.names, say, sick);
  } catch (error) {
    return new ShiftFailed(
      `${message}\n${app} was not ${called}, and what ran before could not be restored: ${explain(error).message}`,
      `Pulumi.${stack.name}.yaml says what it said before: npm run up -- --stack ${stack.name} deploys that once the cause is mended.`,
      false,
      { cause: error },
    );
  }
  const now = before
    ? `its previous release serves again on ${stack.name}`
    : `${stack.name} does not declare it`;
  return new ShiftFailed(`${message}\n${app} was not ${called}: ${now}.`, remedy, true, { cause: failure });
}
