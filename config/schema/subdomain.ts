import { z } from "zod";
import { place } from "./place.ts";

/** A name below the domain that something serves; without anything, a page says that nothing does. */
export const subdomain = z
  .strictObject({
    ...place,
    upstream: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?:[1-9]\d{0,4}$/, {
        error: "host:port such as grafana:3001",
        abort: true,
      })
      .refine((upstream) => Number(upstream.split(":")[1]) <= 65535, { error: "a port up to 65535" })
      .optional()
      .describe("Host and port on the private network that answers there (E9)"),
  })
  .refine(
    ({ app, upstream, redirect, routes }) =>
      [app, upstream, redirect, routes[0]].filter((answer) => answer !== undefined).length <= 1,
    { error: "either an app, or routes, or an upstream, or a redirect" },
  );

export type Subdomain = z.output<typeof subdomain>;
