import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "./files.ts";
import { FOLDERS } from "./stack-file-edit.ts";

const traffic = z.array(z.object({ image: z.string(), weight: z.number() }));

/** Where an application's visitors go: images by digest, with weights from 0 to 256. */
export type Traffic = z.output<typeof traffic>;

const shift = z.object({
  app: z.string(),
  to: traffic,
  /** Missing for an application that the stack didn't run. */
  before: traffic.optional(),
});

/** How an application's traffic changes. */
export type Shift = z.output<typeof shift>;

/** The note as an earlier version wrote it: all traffic to one image. */
const earlier = z
  .object({ app: z.string(), image: z.string(), before: traffic.optional() })
  .transform(({ app, image, before }): Shift => ({ app, to: [{ image, weight: 100 }], before }));

const fileOf = (stack: string, { local } = FOLDERS): string => join(local, stack, "promotion.json");

/**
 * Notes a shift before it begins. The stack file gets it only once it is healthy: a run that is killed earlier leaves
 * that file as it was, and this note for the next run.
 */
export function noteShift(stack: string, begun: Shift, folders = FOLDERS): void {
  writeAtomically(fileOf(stack, folders), JSON.stringify(begun), 0o600);
}

export function forgetShift(stack: string, folders = FOLDERS): void {
  rmSync(fileOf(stack, folders), { force: true });
}

/** The shift of this stack that was interrupted half-way. */
export function interruptedShift(stack: string, folders = FOLDERS): Shift | undefined {
  const file = fileOf(stack, folders);
  if (!existsSync(file)) return undefined;
  const read = z.union([shift, earlier]).safeParse(JSON.parse(readFileSync(file, "utf8")));
  return read.success ? read.data : undefined;
}
