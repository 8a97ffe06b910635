import { z } from "zod";
import { PROVIDERS, SERVICES } from "../../services.ts";
import { duration, image, label, port, seconds } from "../fields.ts";
import { build } from "./build.ts";
import { container } from "./container.ts";
import { appCache, appDatabase, appDatabases } from "./data.ts";
import { environment } from "./environment.ts";
import { files } from "./files.ts";
import { health } from "./health.ts";
import type { WithImage } from "./image.ts";
import { jobs } from "./jobs.ts";
import { process, releaseCommand, words } from "./process.ts";
import { ports } from "./ports.ts";
import { resources } from "./resources.ts";
import { route } from "./route.ts";
import { secrets } from "./secrets.ts";
import { volumes } from "./volumes.ts";

/** An application: any image, with one process or several that are released together. */
export const app = z.strictObject({
  image: image
    .optional()
    .describe(
      "Image, by tag (its digest is recorded at the first deploy) or by digest; with build, the repository that gets what is built",
    ),
  build: build
    .optional()
    .describe("Folder whose Dockerfile npm run deploy builds on this machine for the server's processor"),
  port: port
    .optional()
    .describe("Port on which the container answers HTTP; absent: an application that gets no traffic"),
  ports,
  command: words.optional().describe("Command in place of the image's"),
  entrypoint: words.optional().describe("Entrypoint in place of the image's"),
  processes: z
    .record(label, process)
    .default({})
    .describe("Other processes of the same image, settings and secrets, such as workers, by name"),
  release: releaseCommand
    .optional()
    .describe("Command that prepares a release, such as a migration: once, before anything of it starts"),
  exclusive: z
    .boolean()
    .default(false)
    .describe(
      "All processes of a release stop before those of the next one start; visitors wait meanwhile, and what ran before comes back when the next one fails",
    ),
  replicas: z.number().int().min(1).max(8).default(1).describe("Containers of one release (K7)"),
  health: health.prefault({}).describe("Health check"),
  resources: resources.prefault({}).describe("Limits of each container"),
  routes: z.array(route).default([]).describe("What the edge sends to this application"),
  database: appDatabase,
  databases: appDatabases,
  cache: appCache,
  environment,
  secrets,
  secretsAs: z
    .enum(["file", "environment"])
    .default("file")
    .describe(
      "How secrets arrive: as files /run/secrets/NAME with NAME_FILE set, or as environment variables",
    ),
  needs: z
    .array(z.union([z.enum(PROVIDERS), label]))
    .default([])
    .describe(
      `${PROVIDERS.map((name) => `${name} (gives ${SERVICES[name].provides.variable})`).join(", ")}, or applications that must be up first (A10)`,
    ),
  user: z
    .string()
    .regex(/^\d+(:\d+)?$/, { error: "a numeric user such as 1000 or 1000:1000" })
    .optional()
    .describe("Numeric user; the image's own when absent"),
  readOnly: z.boolean().default(true).describe("Read-only root file system; /tmp stays writable in memory"),
  ...container,
  volumes,
  files,
  drain: duration.prefault("30 s").describe("How long the old release may finish its requests"),
  jobs: jobs.describe("What it does at set times, in containers of their own"),
  stop: seconds.prefault("30 s").describe("How long a container may take to stop after SIGTERM"),
});

export type App = WithImage<z.output<typeof app>>;
