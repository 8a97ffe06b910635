import { z } from "zod";
import { place } from "./place.ts";

/** Pages that the server draws itself. */
export const PAGES = ["dashboards", "status"] as const;

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
    pages: z
      .enum(PAGES)
      .optional()
      .describe(
        "Pages that the server draws itself: the stack's dashboards (M20, M21), which auth may keep from strangers, or its status for visitors (M37)",
      ),
  })
  .refine(
    ({ app, upstream, redirect, routes, pages }) =>
      [app, upstream, redirect, routes[0], pages].filter((answer) => answer !== undefined).length <= 1,
    { error: "either an app, or routes, or an upstream, or a redirect, or pages" },
  );

export type Subdomain = z.output<typeof subdomain>;
