import { z } from "zod";
import { duration, label, seconds, size } from "./fields.ts";
import { appThresholds, objectives, thresholds } from "./objectives.ts";

const labelName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, { error: "a label such as environment" });

/** A time between two scrapes or evaluations. */
const pace = seconds.refine((value) => value >= 5 && value <= 120, { error: "a duration from 5 s to 2 min" });

/** What an application has of its own; what is absent is as for all. */
const own = z.strictObject({
  title: z.string().min(1).max(60).optional().describe("What visitors call it, on the status page"),
  objectives: partial(objectives.shape).optional().describe("Its objectives"),
  thresholds: partial(appThresholds.shape).optional().describe("Its thresholds, each whole"),
});

/** The same settings without their defaults. */
function partial<S extends Record<string, z.ZodType>>(shape: S) {
  const entries = Object.entries(shape).map(([key, field]) => [key, bare(field).optional()]);
  return z.strictObject(Object.fromEntries(entries) as { [K in keyof S]: z.ZodOptional<S[K]> });
}

function bare(field: z.ZodType): z.ZodType {
  const inner =
    field instanceof z.ZodDefault || field instanceof z.ZodPrefault || field instanceof z.ZodOptional;
  const meta = field.description;
  const found = inner ? (field.unwrap() as z.ZodType) : field;
  return meta === undefined ? found : found.describe(meta);
}

/** Figures about the stack, and the alerts that follow from them; all of them stay on the private network. */
export const monitoring = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe("Whether the stack runs Prometheus, Alertmanager and their exporters (M1–M6)"),
  switchMetrics: z
    .boolean()
    .default(true)
    .describe("HAProxy's Prometheus metrics on port 8404 of the private network"),
  edgeStatus: z.boolean().default(true).describe("Nginx's stub_status on port 8405 of the server's loopback"),
  retention: z
    .strictObject({
      time: duration
        .refine((value) => value >= 86400, { error: "a duration of at least 1 d" })
        .prefault("15 d")
        .describe("How long figures are kept (M1)"),
      size: size.prefault("2 GB").describe("How much they may take at most; the oldest go first"),
    })
    .prefault({})
    .describe("How much Prometheus keeps"),
  scrape: pace.prefault("15 s").describe("Time between two scrapes (M1, M5)"),
  evaluation: pace.prefault("30 s").describe("Time between two evaluations of the rules (M7)"),
  labels: z
    .record(labelName, z.string().min(1).max(128))
    .default({})
    .describe(
      "Labels of every alert beside cluster (`<name>-<environment>`) and environment (the stack) (M2)",
    ),
  memory: size.prefault("384 MB").describe("Memory limit of Prometheus"),
  series: z
    .number()
    .int()
    .min(100)
    .max(1_000_000)
    .default(5000)
    .describe("Most series that a container of an application may export; beyond, none of them is taken"),
  exporters: z
    .strictObject({
      database: z.boolean().default(true).describe("Figures of Postgres"),
      cache: z.boolean().default(true).describe("Figures of Redis"),
    })
    .prefault({})
    .describe("Exporters of the stores that the stack has (M4); without one there are no alerts about it"),
  probes: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe("Whether the site is asked from the server through its public name (HTTP, TLS)"),
      resolver: z
        .string()
        .regex(/^[0-9a-fA-F.:]+(:\d{1,5})?$/, { error: "the address of a name server such as 9.9.9.9" })
        .optional()
        .describe("Name server that is asked for the site's name; without one, it is not asked for"),
    })
    .prefault({})
    .describe("Questions to the site"),
  objectives: objectives.prefault({}).describe("What every application promises"),
  thresholds: thresholds.prefault({}).describe("When alerts fire"),
  grafana: label
    .optional()
    .describe(
      "Application of this stack that is Grafana: it gets the data source and every dashboard as files (M22–M29)",
    ),
  apps: z.record(label, own).default({}).describe("Objectives and thresholds of one application, by name"),
  runbooks: z
    .string()
    .regex(/^https?:\/\/[^\s"<>]+$/, { error: "an address such as https://wiki.example.com/runbooks" })
    .optional()
    .describe("Where runbooks are found: `<address>/<alert>`; the project's own files when absent"),
});

export type Monitoring = z.output<typeof monitoring>;
