import { z } from "zod";
import { duration, seconds, share } from "./fields.ts";

const severity = z.enum(["critical", "warning"]);
export type Severity = z.output<typeof severity>;

/** Prometheus knows whole milliseconds; what is shorter than one evaluation is as good as at once. */
const lasting = seconds.prefault("5 min").describe("How long it must be so before the alert fires");

/** A bound of a figure, and what its alert is like. */
function bound<S extends z.ZodType>(above: S, preset: Severity) {
  return z.strictObject({
    above,
    for: lasting,
    severity: severity.default(preset).describe("Severity of the alert"),
  });
}

/** Alerts about one application. */
export const appThresholds = z.strictObject({
  errorShare: bound(share.prefault("5%").describe("Share of requests answered with 5xx (M9, M19)"), "warning")
    .prefault({})
    .describe("HighErrorRate, by share"),
  errorRate: bound(z.number().positive().describe("Answers with 5xx a second (M16)"), "critical")
    .optional()
    .describe("HighErrorRate, by answers a second; off when absent, since it rises with the traffic"),
  responseTime: bound(
    duration.prefault("2 s").describe("95th percentile of the response time over 5 minutes (M17, M19)"),
    "warning",
  )
    .prefault({})
    .describe("HighResponseTime; for an application that exports http_request_duration_seconds"),
});

/** Alerts about the server and its stores. */
export const thresholds = z.strictObject({
  ...appThresholds.shape,
  connections: bound(
    z
      .union([share, z.number().int().min(1)])
      .prefault("80%")
      .describe("Sessions of Postgres: a share of max_connections (M19), or a number (M18)"),
    "warning",
  )
    .prefault({})
    .describe("DatabaseConnectionsHigh"),
  disk: bound(share.prefault("90%").describe("Used space of / (M12)"), "warning")
    .prefault({})
    .describe("DiskSpaceLow"),
  memory: bound(share.prefault("90%").describe("Used memory of the server (M13)"), "warning")
    .prefault({})
    .describe("HighMemoryUsage"),
  cpu: bound(share.prefault("90%").describe("Busy processors of the server (M14)"), "warning")
    .prefault({})
    .describe("HighCPUUsage"),
});

/** What an application promises its visitors. */
export const objectives = z.strictObject({
  availability: share
    .refine((value) => value < 1, { error: "a share below 100%: with 100% there is no budget to spend" })
    .prefault("99.9%")
    .describe("Share of requests that must not fail (P1, M33, M34)"),
  latency: duration
    .refine((value) => value > 0, { error: "a duration above 0" })
    .prefault("500 ms")
    .describe(
      "95th percentile of the response time over 5 minutes: 200 ms for an API, 500 ms for pages (P5, M33)",
    ),
  latencyTime: share
    .refine((value) => value < 1, { error: "a share below 100%: with 100% there is no budget to spend" })
    .prefault("99%")
    .describe("Share of the time in which the 95th percentile must be within it"),
  minimum: z
    .number()
    .int()
    .min(1)
    .default(100)
    .describe("Fewest requests within an alert's longer window: of fewer, one failure says nothing"),
});

export type AppThresholds = z.output<typeof appThresholds>;
export type Thresholds = z.output<typeof thresholds>;
export type Objectives = z.output<typeof objectives>;
