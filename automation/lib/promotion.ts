import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "./files.ts";
import { FOLDERS, type Edit } from "./stack-file-edit.ts";

const traffic = z.array(z.object({ image: z.string(), weight: z.number() }));

/** What an application's visitors get: images by digest, with weights. */
export type Traffic = z.output<typeof traffic>;

const record = z.object({ app: z.string(), image: z.string(), before: traffic.optional() });

/** A release on its way to a stack. */
export type Underway = z.output<typeof record>;

const fileOf = (stack: string, { local } = FOLDERS): string => join(local, stack, "promotion.json");

/** The edit of a stack file that declares an application's traffic; without one its `image` counts again. */
export const declared = (app: string, to: Traffic | undefined): Edit => [["releases", app], to];

/**
 * Notes what is being promoted: the stack file learns of it only once it is healthy, so that whoever is killed before
 * that leaves the file as it was, and this note for the next run.
 */
export function begin(stack: string, underway: Underway, folders = FOLDERS): void {
  writeAtomically(fileOf(stack, folders), JSON.stringify(underway), 0o600);
}

export function end(stack: string, folders = FOLDERS): void {
  rmSync(fileOf(stack, folders), { force: true });
}

/** A promotion to this stack that was cut off. */
export function cutOff(stack: string, folders = FOLDERS): Underway | undefined {
  const file = fileOf(stack, folders);
  if (!existsSync(file)) return undefined;
  const read = record.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return read.success ? read.data : undefined;
}
