import { z } from "zod";
import { containerPath, mode } from "./container.ts";

const file = z.strictObject({
  source: z
    .string()
    .regex(/^[^/\0][^\0]*$/, { error: "a path within the project such as shop/nginx.conf" })
    .refine((path) => !path.split("/").includes(".."), { error: "a path within the project, without .." })
    .describe("File of the project; another content is another release"),
  path: containerPath.describe("Where the containers find it, read-only"),
  mode: mode.default("0444").describe("Permissions"),
});

/** Files of the project in an application's containers. */
export const files = z
  .array(file)
  .default([])
  .refine((all) => new Set(all.map(({ path }) => path)).size === all.length, {
    error: "a path of its own for each file",
  })
  .describe("Files of the project that its containers see");

export type AppFile = z.output<typeof file>;
