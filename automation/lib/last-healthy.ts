import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack, UpdateSummary } from "@pulumi/pulumi/automation";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { writeAtomically } from "./files.ts";
import { release, type StackOutputs } from "./outputs.ts";
import { edited, FOLDERS } from "./stack-file-edit.ts";

const record = z.object({
  /** The stack file's text, with secrets as they were encrypted. */
  text: z.string(),
  releases: z.record(z.string(), z.array(release)),
  /** When the update ended that deployed it, ISO 8601. */
  updated: z.string(),
});

/** The last configuration that was seen healthy through the edge, and what it made. */
export type LastHealthy = z.output<typeof record>;

const fileOf = (stack: string, { local } = FOLDERS): string => join(local, stack, "healthy.json");

/** Remembers what was deployed and seen healthy, so that a later update can go back to it. */
export function keepHealthy(stack: string, healthy: LastHealthy, folders = FOLDERS): void {
  writeAtomically(fileOf(stack, folders), JSON.stringify(healthy), 0o600);
}

export function readHealthy(stack: string, folders = FOLDERS): LastHealthy | undefined {
  const file = fileOf(stack, folders);
  if (!existsSync(file)) return undefined;
  try {
    return record.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Another version's, or damaged: as if there were none.
    return undefined;
  }
}

/** When an update ended: the time stamp by which updates are told apart. */
const endOf = ({ endTime }: Pick<UpdateSummary, "endTime">): string => new Date(endTime).toISOString();

/** When the last updates that succeeded ended, newest first. */
async function updates(stack: Stack): Promise<string[]> {
  const history = await stack.history(20, 1, false);
  return history.filter(({ kind, result }) => kind === "update" && result === "succeeded").map(endOf);
}

/** Remembers what the last update deployed from this text, once it was seen healthy. */
export async function keepDeployed(stack: Stack, text: string, { releases }: StackOutputs): Promise<void> {
  const last = await stack.info(false);
  if (last) keepHealthy(stack.name, { text, releases, updated: endOf(last) });
}

/** How to get back to what a stack runs, looked at before anything changes; see {@link wayBack}. */
export async function findWayBack(stack: Stack, running: StackOutputs, current: string): Promise<string> {
  return wayBack(readHealthy(stack.name), running, current, await updates(stack));
}

/**
 * A stack file's text that brings back what a stack runs: the one that was last seen healthy, when nobody has deployed
 * anything else since (with plain `pulumi up`, or from another machine); otherwise the current one with the releases
 * that run.
 * @param running outputs of the stack as they are before the update
 * @param current text of the stack file
 * @param ended when the last updates that succeeded ended, newest first
 */
export function wayBack(
  kept: LastHealthy | undefined,
  running: StackOutputs,
  current: string,
  ended: readonly string[],
): string {
  const others = kept && ended.some((end) => end > kept.updated);
  if (kept && !others && isDeepStrictEqual(kept.releases, running.releases)) return kept.text;
  const edits = Object.entries(running.releases).map(
    ([app, all]) => [["releases", app], all.map(({ image, weight }) => ({ image, weight }))] as const,
  );
  return edited(current, edits);
}
