import { z } from "zod";

/** A path that starts at the project's folder; a folder beside it (`../shop`) is fine, an address or an option is not. */
const place = z.string().regex(/^(?!-)(?!.*:\/\/)[^\0\n]+$/, { error: "a path such as ./shop" });

const settings = z.strictObject({
  context: place.describe("Folder with the sources, from the project's folder; its .dockerignore counts"),
  dockerfile: place.default("Dockerfile").describe("The Dockerfile, from the context"),
  target: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: "the name of a stage" })
    .optional()
    .describe("Stage to build; the last one when absent"),
  args: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: "a name such as NODE_VERSION" }), z.string())
    .default({})
    .describe("Build arguments; an image keeps them, so no secrets"),
});

/** How an application's image is built on this machine; a folder alone has the rest by default. */
export const build = z.union([
  place.transform((context): Build => ({ context, dockerfile: "Dockerfile", args: {} })),
  settings,
]);

/** A build with every default filled in. */
export type Build = z.output<typeof settings>;
