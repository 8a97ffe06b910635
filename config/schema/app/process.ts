import { z } from "zod";
import { duration, seconds } from "../fields.ts";
import { processMetrics } from "./metrics.ts";
import { resources } from "./resources.ts";

/** Words that a program is started with. */
export const words = z
  .array(z.string({ error: "a text, in quotes" }).min(1), { error: "a list such as [node, server.mjs]" })
  .min(1);

const health = z.strictObject({
  command: words
    .optional()
    .describe(
      "Command of the check inside the container; exit code 0 means healthy. Without one it only has to run",
    ),
  interval: duration.prefault("30 s").describe("Time between two checks"),
  timeout: duration.prefault("10 s").describe("Longest wait for one answer"),
  retries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe("Failures in a row that make a container unhealthy"),
  within: duration
    .prefault("60 s")
    .describe("It must be healthy within this time, or else the release fails"),
});

/** Another process of an application, such as a worker or a scheduler; it gets no traffic. */
export const process = z.strictObject({
  command: words.optional().describe("Command in place of the image's"),
  entrypoint: words.optional().describe("Entrypoint in place of the image's"),
  replicas: z.number().int().min(1).max(8).default(1).describe("Containers of one release"),
  single: z
    .boolean()
    .default(false)
    .describe(
      "Never runs twice, not even during a release that fails: the old one stops before its successor starts, and comes back when that fails",
    ),
  exclusive: z
    .boolean()
    .default(false)
    .describe("All of its containers stop before those of the next release start"),
  resources: resources.optional().describe("Limits of each container; those of the application when absent"),
  health: health.prefault({}).describe("Health check"),
  metrics: processMetrics.optional().describe("Figures that it exports for Prometheus"),
  stop: seconds
    .optional()
    .describe("How long a container may take to finish after SIGTERM; that of the application when absent"),
});

/** A command that prepares a release, such as a migration of its database. */
export const releaseCommand = z.strictObject({
  command: words.describe("Command, with the image, settings and secrets of the release"),
  timeout: duration.prefault("5 min").describe("Longest time that it may take"),
});

export type Process = z.output<typeof process>;
