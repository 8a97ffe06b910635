import { z } from "zod";
import { route } from "./app/route.ts";
import { auth } from "./auth.ts";
import { label } from "./fields.ts";
import { csp, headers } from "./headers.ts";
import { placeLimits } from "./limits.ts";

/** A route that says which application it leads to: on a subdomain or another site, which belong to no application. */
const placedRoute = route.extend({
  path: route.shape.path.default("/"),
  app: label.describe("Application of this stack that answers there"),
});

/** Part of Nginx's configuration: what would end a word, a string or a block there isn't allowed. */
const address = z.string().regex(/^https?:\/\/[^\s"'\\${};]+$/, {
  error: "an address such as https://stats.example.com/page",
});

/** What a subdomain and a site have in common. */
export const place = {
  app: label
    .optional()
    .describe("Application of this stack that answers there, with all its paths, under the site's limits"),
  routes: z
    .array(placedRoute)
    .default([])
    .describe(
      "Applications by path, in place of app: [{path: /, app: shop}], with every setting of an application's routes",
    ),
  redirect: address
    .optional()
    .describe("Address to which visitors are sent; without a path of its own it gets theirs"),
  auth: auth
    .optional()
    .describe("Users who may see it, with the secrets of their passwords; a route there may have its own"),
  limits: placeLimits
    .optional()
    .describe(
      "Limits of its own, counted apart from those of other names; what is left out is as in edge.limits",
    ),
  websocket: z
    .boolean()
    .default(true)
    .describe("Allow WebSockets there, on any path; routes say it themselves"),
  csp: z
    .union([csp, z.literal(false)])
    .optional()
    .describe("Content-Security-Policy on top of the site's; false leaves it to what answers there"),
  headers: headers.default({}).describe("Response headers; an empty value removes one"),
};

export type PlacedRoute = z.output<typeof placedRoute>;
