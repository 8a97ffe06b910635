import type { Stack } from "@pulumi/pulumi/automation";
import { UserError } from "../lib/errors.ts";
import { interruptible } from "../lib/interrupt.ts";
import { answered, BoxGone, findDrift, type Drift } from "./drift.ts";
import { prepareRepair } from "./repair.ts";
import { line, report } from "./report.ts";
import { exportState, importState } from "./state.ts";

/** What a look before an update led to. */
export interface Prepared {
  /** For the list of tasks. */
  title: string;
  /** What the update is going to repair, a line for each difference. */
  repaired: string[];
}

/**
 * Looks for drift and prepares its repair by the update that follows. A server that can't be looked at is no error
 * here: the update is what brings it up.
 * @param upstreams hosts that the update leads a subdomain to
 */
export async function prepareUpdate(
  stack: Stack,
  upstreams: readonly string[],
  say: (line: string) => void,
): Promise<Prepared> {
  let drift: Drift;
  try {
    drift = await findDrift(stack.name, upstreams).catch(async (error: unknown) => {
      if (!(error instanceof BoxGone)) throw error;
      await makeBox(stack, error, say);
      return findDrift(stack.name, upstreams);
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { title: `not looked for: ${error.message.split("\n")[0]}`, repaired: [] };
  }
  if (isClean(drift)) return { title: "none", repaired: [] };
  const repaired = linesOf(drift);
  repaired.forEach(say);
  const anew = await prepareRepair(stack, drift);
  anew.forEach(say);
  return { title: `${repaired.length} to repair`, repaired: [...repaired, ...anew] };
}

/** The box comes back first; then it can be looked at, and lacks everything but the data on its volume. */
async function makeBox(
  stack: Stack,
  { message, urn, tools }: BoxGone,
  say: (line: string) => void,
): Promise<void> {
  say(`${message} Making it again.`);
  await interruptible((signal) => stack.refresh({ target: [urn], signal }));
  // With its tools, which the server's lock needs.
  const target = [urn, ...(tools === undefined ? [] : [tools])];
  const state = await exportState(stack.name, false);
  for (const one of state.deployment.resources ?? [])
    if (one.urn === tools) one.initErrors = ["drift: the box is new"];
  await importState(stack.name, state);
  await interruptible((signal) => stack.up({ target, signal }));
}

/**
 * Looks again after an update that had something to repair. What only shows now (the tools themselves were broken)
 * gets a second update.
 * @throws UserError when drift stays
 */
export async function confirmRepair(
  stack: Stack,
  update: () => Promise<unknown>,
  say: (line: string) => void,
): Promise<string[]> {
  const first = await settled(stack);
  if (isClean(first)) return [];
  const repaired = linesOf(first);
  repaired.forEach(say);
  const anew = await prepareRepair(stack, first);
  anew.forEach(say);
  await update();
  const drift = await settled(stack);
  if (isClean(drift)) return [...repaired, ...anew];
  answered(drift);
  throw new UserError(
    report(drift),
    "The update couldn't repair this, or something on the server changes it again: look there who does.",
  );
}

/** Looks until health checks have had their time: what was just started isn't healthy yet. */
async function settled(stack: Stack): Promise<Drift> {
  for (let tries = 0; ; tries++) {
    const drift = await findDrift(stack.name);
    const waiting = drift.resources.every(({ differences }) =>
      differences.every(({ aspect }) => aspect === "health"),
    );
    if (!drift.drifted || !waiting || tries === 10) return drift;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Nothing differs, and everything was seen: what can't be looked at is declared again. */
const isClean = ({ drifted, unseen }: Drift): boolean => !drifted && unseen.length === 0;

function linesOf({ resources, extras, unseen }: Drift): string[] {
  return [
    ...resources.flatMap(({ name, differences }) => differences.map((one) => `${name} ${line(one)}`)),
    ...extras.map(({ name }) => `container ${name}: not declared`),
    ...unseen.map(({ name }) => `${name}: could not be looked at`),
  ];
}
