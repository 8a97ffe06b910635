import { z } from "zod";
import { duration, image, label, port, seconds, size, urlPath, variable } from "./fields.ts";
import { csp, headers } from "./headers.ts";
import { routeLimit } from "./limits.ts";
import { PROVIDERS, SERVICES } from "../services.ts";

const health = z.strictObject({
  path: urlPath
    .default("/health")
    .describe("Path that answers 2xx when the application can serve (A12, A17)"),
  probe: urlPath
    .optional()
    .describe(
      "Path that is requested through the edge after a deploy, such as a deep check (A13, R4); path when absent",
    ),
  interval: duration.prefault("30 s").describe("Time between two checks of a running container (A17)"),
  timeout: duration.prefault("10 s").describe("Longest wait for one answer (A17)"),
  retries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe("Failures in a row that make a container unhealthy (A17)"),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "Command of the check inside the container, for an image without curl and wget; exit code 0 means healthy",
    ),
  within: duration
    .prefault("60 s")
    .describe("A new release must be healthy within this time, or else it gets no traffic"),
});

const resources = z.strictObject({
  memory: size.prefault("2 GB").describe("Memory limit of a container (A20)"),
  cpus: z.number().positive().max(256).default(2).describe("CPU limit of a container (A20)"),
  pids: z
    .number()
    .int()
    .min(16)
    .max(65536)
    .default(512)
    .describe("Limit of processes and threads of a container"),
});

const route = z.strictObject({
  path: urlPath.describe("Prefix of the paths that go to this application (E30–E34)"),
  websocket: z
    .boolean()
    .default(false)
    .describe("Allow upgrades and keep silent connections for edge.websocketTimeout (E32)"),
  stream: z
    .boolean()
    .default(false)
    .describe("Pass every answer on piece by piece, whatever its type; event streams flow without it"),
  log: z.boolean().default(true).describe("Write an access log (E33)"),
  noStore: z.boolean().default(false).describe("Forbid caching of the answers (E30)"),
  assets: z
    .boolean()
    .default(false)
    .describe(
      "Let browsers keep static files for a year, by their ending; not for names that are reused (E35)",
    ),
  cache: seconds
    .optional()
    .describe("Keep answers with 200 at the edge for this long, unless they are personal or forbid it (E38)"),
  maxBody: size.optional().describe("Largest request body of this route; that of the edge when absent (E27)"),
  csp: z
    .union([csp, z.literal(false)])
    .optional()
    .describe("Content-Security-Policy on top of the site's; false leaves it to the application (E17)"),
  headers: headers.default({}).describe("Response headers of this route; an empty value removes one (E19)"),
  limit: routeLimit.optional().describe("A limit of requests for this route alone (E26)"),
});

/** An application: any image that answers HTTP on a port. */
export const app = z.strictObject({
  image: image.describe("Image, by tag (its digest is recorded at the first deploy) or by digest"),
  port: port.describe("Port on which the container answers HTTP"),
  replicas: z.number().int().min(1).max(8).default(1).describe("Containers of one release (K7)"),
  health: health.prefault({}).describe("Health check"),
  resources: resources.prefault({}).describe("Limits of each container"),
  routes: z.array(route).default([]).describe("What the edge sends to this application"),
  environment: z
    .record(variable, z.string())
    .default({})
    .describe("Plain settings, as environment variables"),
  secrets: z.array(variable).default([]).describe("Secrets that it needs (pulumi config set --secret NAME)"),
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
  drain: duration.prefault("30 s").describe("How long the old release may finish its requests"),
  stop: seconds.prefault("30 s").describe("How long a container may take to stop after SIGTERM"),
});

export type App = z.output<typeof app>;
export type Route = z.output<typeof route>;
