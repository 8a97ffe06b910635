import { z } from "zod";
import { port, seconds, urlPath } from "../fields.ts";

const path = urlPath.default("/metrics").describe("Path of the figures (E37)");
const interval = seconds
  .refine((value) => value >= 5 && value <= 300, { error: "a duration from 5 s to 5 min" })
  .optional()
  .describe("Time between two scrapes; that of monitoring when absent (M5)");

/** Where the web process exports figures for Prometheus. */
export const metrics = z.strictObject({
  path,
  port: port.optional().describe("Port of the figures; that of the application when absent"),
  interval,
});

/** Where another process does. */
export const processMetrics = z.strictObject({ path, port: port.describe("Port of the figures"), interval });

export type Metrics = z.output<typeof metrics>;
