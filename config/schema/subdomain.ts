import { z } from "zod";
import { label } from "./fields.ts";

/** A name below the domain that leads to something of its own; until it is said to what, to a page that says so. */
export const subdomain = z
  .strictObject({
    app: label.optional().describe("Application of this stack that answers there"),
    upstream: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?:\d{1,5}$/, { error: "host:port such as grafana:3001" })
      .optional()
      .describe("Host and port on the private network that answers there (E9)"),
  })
  .refine(({ app, upstream }) => !(app && upstream), { error: "either an app or an upstream" });

export type Subdomain = z.output<typeof subdomain>;
