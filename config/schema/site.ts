import { z } from "zod";
import { siteCertificate } from "./certificates.ts";
import { place } from "./place.ts";

/** Another domain on the same server, beside `domain`. */
export const site = z
  .strictObject({
    ...place,
    www: z.boolean().default(true).describe("Answer for its www. too, with a redirect to it"),
    certificate: siteCertificate
      .optional()
      .describe(
        "A certificate of its own, {} for one as in certificates; without it, the site is in the domain's ([certificates.md](certificates.md))",
      ),
  })
  .refine(
    ({ app, redirect, routes }) =>
      [app, redirect, routes[0]].filter((answer) => answer !== undefined).length === 1,
    { error: "an app, or routes, or a redirect: one of them" },
  );

export type OtherSite = z.output<typeof site>;
