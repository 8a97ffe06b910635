import { z } from "zod";
import { size } from "../fields.ts";

/** What each container may use. */
export const resources = z.strictObject({
  memory: size.prefault("2 GB").describe("Memory limit of a container (A20)"),
  cpus: z.number().positive().max(256).default(2).describe("CPU limit of a container (A20)"),
  reservation: size
    .optional()
    .describe("Memory that the server tries to keep for a container when it runs short (A20, K2)"),
  pids: z
    .number()
    .int()
    .min(16)
    .max(65536)
    .default(512)
    .describe("Limit of processes and threads of a container"),
});
