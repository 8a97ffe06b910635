import { z } from "zod";
import { hasSource, withImages } from "./app/image.ts";
import { app } from "./app/index.ts";
import { audit } from "./audit.ts";
import { certificates } from "./certificates.ts";
import { cache, database } from "./data.ts";
import { edge, trafficSwitch } from "./edge.ts";
import { domain, label } from "./fields.ts";
import { digests, imageSet, releases, trafficExample, versions } from "./images.ts";
import { monitoring } from "./monitoring.ts";
import { notifications } from "./notifications.ts";
import { registries } from "./registries.ts";
import { server } from "./server.ts";
import { site } from "./site.ts";

/** Everything that `Pulumi.<stack>.yaml` may say under the project's name; the single source of defaults and docs. */
export const stackSchema = z.strictObject({
  name: label
    .default("maicivy")
    .describe("Name of the system: prefix of containers, networks and the folder /opt/<name>"),
  domain: domain.describe("Domain under which the edge answers (H24)"),
  images: imageSet
    .default("official")
    .describe("Infrastructure images: official ones, or our own from Debian packages"),
  versions: versions.prefault({}).describe("Exact versions of the infrastructure images"),
  server: server.prefault({}).describe("The server"),
  apps: z
    .record(label, app.check(hasSource))
    .refine((apps) => Object.keys(apps).length > 0, { error: "at least one application" })
    .transform(withImages)
    .describe("Applications by name"),
  registries: registries.default({}).describe("Logins to registries with images that not everybody may pull"),
  database: database.prefault({}).describe("Postgres"),
  cache: cache.prefault({}).describe("Redis"),
  edge: edge.prefault({}).describe("Nginx"),
  sites: z
    .record(domain, site)
    .default({})
    .describe(
      "Other domains on this server, by name, each with its applications; all are in the certificate",
    ),
  certificates: certificates.prefault({}).describe("The certificate that the edge shows"),
  trafficSwitch: trafficSwitch.prefault({}).describe("HAProxy"),
  monitoring: monitoring.prefault({}).describe("Figures, objectives and alerts"),
  notifications: notifications
    .prefault({})
    .describe("Who is told of alerts; without monitoring, of the server's own timers that fail"),
  audit: audit.prefault({}).describe("How npm run audit judges"),
  digests: digests.default({}).describe("Recorded digests (written by npm run setup)"),
  releases: releases.default({}).meta({
    description:
      "Traffic by application, shared between releases by weight (written by npm run promote); without it the application's image gets everything",
    examples: [trafficExample],
  }),
});

/** The configuration as a stack file spells it. */
export type StackInput = z.input<typeof stackSchema>;
/** The configuration with every default filled in; sizes in bytes, durations in seconds. */
export type StackConfig = z.output<typeof stackSchema>;
