import { z } from "zod";
import { duration, urlPath } from "../fields.ts";

/** How an application says that it can serve. */
export const health = z.strictObject({
  path: urlPath
    .default("/health")
    .describe("Path that answers 2xx when the application can serve (A12, A17)"),
  probe: urlPath
    .optional()
    .describe(
      "Path that is requested through the edge after a deploy, such as a deep check (A13, R4); path when absent",
    ),
  interval: duration.prefault("30 s").describe("Time between two checks of a running container (A17)"),
  timeout: duration.prefault("10 s").describe("Longest wait for one answer (A17)"),
  retries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe("Failures in a row that make a container unhealthy (A17)"),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "Command of the check inside the container, for an image without curl and wget; exit code 0 means healthy",
    ),
  within: duration
    .prefault("60 s")
    .describe("A new release must be healthy within this time, or else it gets no traffic"),
});
