import { z } from "zod";
import { duration, urlPath } from "../fields.ts";

/** Statuses as HAProxy expects them: `200-399`, `204,401`. */
const statuses = z
  .union([z.int().transform(String), z.string().transform((text) => text.replaceAll(" ", ""))])
  .refine((text) => /^[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*$/.test(text), {
    error: 'statuses such as 204 or "200-399,401"',
  });

/** How an application says that it can serve. */
export const health = z.strictObject({
  path: urlPath
    .default("/health")
    .describe("Path that answers 2xx when the application can serve (A12, A17)"),
  ready: urlPath
    .optional()
    .describe(
      "Path that the switch asks each second; a container that fails it gets no traffic (K4); path when absent. Others' services don't belong into it, but into probe",
    ),
  live: urlPath
    .optional()
    .describe(
      "Path that the server asks: a container that fails it retries times in a row is restarted, each time after a longer wait (K3); absent: none is restarted for its answers",
    ),
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
  startPeriod: duration
    .optional()
    .describe("Failures so soon after a start don't count (K3); 10 s when absent"),
  status: statuses
    .optional()
    .describe(
      'Statuses that mean healthy, such as 204 or "200-299,401"; absent: 200-399, and 2xx through the edge',
    ),
  host: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:\d{1,5})?$/, {
      error: "a host name such as shop.example.com",
    })
    .optional()
    .describe(
      "Host header of the checks; absent: the switch sends the stack's domain, the container's own check 127.0.0.1 and the port",
    ),
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
