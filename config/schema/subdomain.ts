import { z } from "zod";
import { label } from "./fields.ts";
import { csp, headers } from "./headers.ts";

/** A name below the domain that an application or an upstream serves; without either, a page says that nothing does. */
export const subdomain = z
  .strictObject({
    app: label
      .optional()
      .describe(
        "Application of this stack that answers there, under the site's limits; settings of its routes apply on the main host only",
      ),
    upstream: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?:[1-9]\d{0,4}$/, {
        error: "host:port such as grafana:3001",
        abort: true,
      })
      .refine((upstream) => Number(upstream.split(":")[1]) <= 65535, { error: "a port up to 65535" })
      .optional()
      .describe("Host and port on the private network that answers there (E9)"),
    websocket: z.boolean().default(true).describe("Allow WebSockets there, on any path"),
    csp: z
      .union([csp, z.literal(false)])
      .optional()
      .describe("Content-Security-Policy on top of the site's; false leaves it to what answers there"),
    headers: headers.default({}).describe("Response headers; an empty value removes one"),
  })
  .refine(({ app, upstream }) => !(app && upstream), { error: "either an app or an upstream" });

export type Subdomain = z.output<typeof subdomain>;
