import { z } from "zod";
import { IMAGE_SETS, SERVICES, type InfrastructureImage } from "../services.ts";
import { digest, image, label } from "./fields.ts";

/** Where infrastructure images come from. */
export const imageSet = z.enum(IMAGE_SETS);

const tag = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, { error: "an image tag such as 15.19-alpine" })
  .optional();

/** Exact tags of the infrastructure images; each set has its own default. */
export const versions = z.strictObject(
  Object.fromEntries(
    Object.values(SERVICES).map(({ image, versionNote }) => [image, tag.describe(versionNote)]),
  ) as Record<InfrastructureImage, typeof tag>,
);

/** Recorded digests: image reference → digest. Written by `npm run setup`, never by hand. */
export const digests = z.record(image, digest);

const weighted = z.strictObject({
  image: image.describe("Image of the release, by digest"),
  weight: z
    .number()
    .int()
    .min(0)
    .max(256)
    .describe(
      "Share of the traffic relative to the other weights; 0 keeps the release running without traffic",
    ),
});

/** Traffic: application → weighted releases. Written by `npm run promote`; without it the application's `image` gets everything. */
export const releases = z.record(
  label,
  z
    .array(weighted)
    .min(1)
    .refine((traffic) => traffic.some(({ weight }) => weight > 0), {
      error: "one release with a weight above 0",
    }),
);
export type Releases = z.output<typeof releases>;

/** Nine requests of ten to one release, the tenth to the next. */
export const trafficExample: z.input<typeof releases> = {
  api: [
    { image: `ghcr.io/you/api@sha256:${"1".repeat(64)}`, weight: 90 },
    { image: `ghcr.io/you/api@sha256:${"2".repeat(64)}`, weight: 10 },
  ],
};
