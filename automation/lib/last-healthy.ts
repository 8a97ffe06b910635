import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack, UpdateSummary } from "@pulumi/pulumi/automation";
import { isDeepStrictEqual } from "node:util";
import { isMap, isNode, parseDocument } from "yaml";
import { z } from "zod";
import { writeAtomically } from "./files.ts";
import { release, type StackOutputs } from "./outputs.ts";
import { PROJECT } from "./project-name.ts";
import { edited, FOLDERS, placeOf, STYLE } from "./stack-file-edit.ts";

const record = z.object({
  /** The stack file's text, with secrets as they were encrypted. */
  text: z.string(),
  releases: z.record(z.string(), z.array(release)),
  /** When the update ended that deployed it, ISO 8601. */
  updated: z.string(),
});

/** How the history writes the project's own settings. */
const OWN = `${PROJECT}:`;

/** The configuration of an update as `pulumi stack history --json` prints it. */
export const settings = z.record(
  z.string(),
  z.object({
    value: z.string().optional(),
    objectValue: z.unknown().optional(),
    secret: z.boolean().default(false),
  }),
);

/** A stack's configuration as its history has it: `project:key` → value. */
export type Settings = z.output<typeof settings>;

/** An update that succeeded. */
export interface Update {
  /** ISO 8601. */
  ended: string;
  config: Settings;
}

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

/** When an update ended: the time stamp that distinguishes updates. */
const endOf = ({ endTime }: Pick<UpdateSummary, "endTime">): string => new Date(endTime).toISOString();

/** The last update of a stack that succeeded: when it ended, and what it deployed. */
async function lastUpdate(stack: Stack): Promise<Update | undefined> {
  const history = await stack.history(20, 1, false);
  const last = history.find(({ kind, result }) => kind === "update" && result === "succeeded");
  return last && { ended: endOf(last), config: settings.parse(last.config) };
}

/** An update that was seen healthy, and when it ended. */
interface Kept {
  outputs: StackOutputs;
  ended?: Date;
}

/** Remembers what an update deployed from this text, once it was seen healthy. */
export function keepDeployed(stack: Stack, text: string, { outputs, ended }: Kept, folders = FOLDERS): void {
  if (ended === undefined) return;
  const updated = endOf({ endTime: ended });
  keepHealthy(stack.name, { text, releases: outputs.releases, updated }, folders);
}

/** How to get back to what a stack runs, looked at before anything changes; see {@link wayBack}. */
export async function findWayBack(stack: Stack, running: StackOutputs, current: string): Promise<string> {
  return wayBack(readHealthy(stack.name), running, current, await lastUpdate(stack));
}

/**
 * A stack file's text that brings back what a stack runs: the one that was last seen healthy, unless a person has deployed
 * anything else since (with plain `pulumi up`, or from another machine); otherwise the configuration that the last
 * update has left in the stack's history, with the releases that run.
 * @param running outputs of the stack as they are before the update
 * @param current text of the stack file
 */
export function wayBack(
  kept: LastHealthy | undefined,
  running: StackOutputs,
  current: string,
  last: Update | undefined,
): string {
  const others = kept && last && last.ended > kept.updated;
  if (kept && !others && isDeepStrictEqual(kept.releases, running.releases)) return kept.text;
  const edits = Object.entries(running.releases).map(
    ([app, all]) => [["releases", app], all.map(({ image, weight }) => ({ image, weight }))] as const,
  );
  return edited(last ? configured(current, last.config) : current, edits);
}

/**
 * A stack file's text with another configuration. Secrets that the history conceals stay as the text has them: the
 * embedded engine gives them as they were encrypted, the official CLI hides each value that holds one.
 */
export function configured(text: string, config: Settings): string {
  const document = parseDocument(text);
  const placed = (key: string): string[] =>
    key.startsWith(OWN) ? placeOf(document, [key.slice(OWN.length)]) : ["config", key];
  const wanted = Object.entries(config).map(([key, value]) => ({ place: placed(key), ...value }));
  const keep = new Set(wanted.map(({ place }) => place[1]));
  const group: unknown = document.get("config");
  const present = isMap(group) ? group.items.map(({ key }) => String(key)) : [];
  for (const key of present) if (!keep.has(key)) document.deleteIn(["config", key]);
  for (const { place, value, objectValue = value, secret } of wanted) {
    const now: unknown = document.getIn(place);
    const same = isNode(now) ? isDeepStrictEqual(now.toJSON(), objectValue) : String(now) === objectValue;
    if (!secret && !same) document.setIn(place, document.createNode(objectValue));
  }
  return document.toString(STYLE);
}
