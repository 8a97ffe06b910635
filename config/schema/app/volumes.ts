import { z } from "zod";
import { label } from "../fields.ts";
import { containerPath, mode } from "./container.ts";

const volume = z.strictObject({
  path: containerPath.describe("Where every container of the application finds it"),
  owner: z
    .string()
    .regex(/^\d+:\d+$/, { error: "numbers of user and group such as 1000:1000" })
    .optional()
    .describe(
      "Owner of its folder; with owner or mode it begins empty, without them with what the image has there, as Docker does it",
    ),
  mode: mode.optional().describe("Permissions of its folder"),
  readOnly: z.boolean().default(false).describe("Whether containers may only read"),
  backup: z.boolean().default(true).describe("Whether backups include it"),
});

/** Data of an application that outlives releases. */
export const volumes = z
  .record(label, volume)
  .default({})
  .refine((all) => new Set(Object.values(all).map(({ path }) => path)).size === Object.keys(all).length, {
    error: "a path of its own for each volume",
  })
  .describe(
    "Volumes by name, shared by processes and releases; neither a release nor removing the setting deletes one, only npm run down does",
  );

export type Volumes = z.output<typeof volumes>;
