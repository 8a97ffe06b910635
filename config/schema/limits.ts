import { z } from "zod";
import { parseRate } from "../units.ts";
import { network } from "./fields.ts";

/** A rate, written as `"100/min"` or `"10/s"`. */
export const rate = z
  .string()
  .meta({ pattern: "^[1-9]\\d{0,5}/(s|min)$" })
  .transform((text, context) => {
    const parsed = parseRate(text);
    if (parsed) return parsed;
    context.issues.push({ code: "custom", message: 'a rate such as "100/min" or "10/s"', input: text });
    return z.NEVER;
  });

const burst = z.number().int().min(0).max(100000);

/** A limit of one route, in a zone of its own (E26). */
export const routeLimit = z.strictObject({
  rate: rate.describe("Requests of one address to this route, in addition to the limits of the edge (E26)"),
  burst: burst.default(20).describe("Requests above the rate that are still answered at once (E26)"),
});

/** What one address may ask of the edge; more is answered with 429 (E23–E25). */
export const limits = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe("Limit requests and connections of one address; limits of routes are their own"),
  rate: rate
    .prefault("20/s")
    .describe("Requests of one address to the site, except for the files of its pages (E23)"),
  burst: burst.default(200).describe("Requests above the rate that are still answered at once (E23)"),
  fileRate: rate
    .prefault("100/s")
    .describe(
      "Requests of one address to styles, scripts, pictures, fonts and media, by ending, outside /api/; 1000 at once",
    ),
  connections: z
    .number()
    .int()
    .min(1)
    .max(65535)
    .default(100)
    .describe("HTTP/1 connections of one address that have a request under way (E24)"),
  streams: z
    .number()
    .int()
    .min(1)
    .max(65535)
    .default(128)
    .describe(
      "Requests of one address under way over HTTP/2 and HTTP/3, where a connection carries many (E24)",
    ),
  healthRate: rate
    .prefault("30/s")
    .describe("Requests of one address to health paths, which don't count towards the other limits"),
  exempt: z
    .array(network)
    .default([])
    .describe("Addresses and networks without limits, such as an uptime monitor's"),
});

/** Limits of a subdomain or site. */
export const placeLimits = z.strictObject({
  rate: rate.optional().describe("Requests of one address, except for the files of pages (E23)"),
  burst: burst.optional().describe("Requests above the rate that are still answered at once (E23)"),
  connections: limits.shape.connections
    .unwrap()
    .optional()
    .describe("HTTP/1 connections of one address that have a request under way (E24)"),
  streams: limits.shape.streams
    .unwrap()
    .optional()
    .describe("Requests of one address under way over HTTP/2 and HTTP/3 (E24)"),
});

export type Limits = z.output<typeof limits>;
