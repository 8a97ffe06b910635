import { z } from "zod";
import { files, unit } from "./shapes.ts";

const text = z.string();
const seconds = z.number().nonnegative();

/** A value that is only there to run the command again when it changes. */
const again = text.optional();

/** The folder of HAProxy's files, and the image that will read them. */
const readBy = { folder: text, image: text };

export const switchFiles = files.extend(readBy);

export const container = z.strictObject({
  container: text,
  /** Limit of processes. */
  pids: z.number().int(),
  within: seconds,
  id: again,
});

export const switchContainer = container.extend(readBy);

export const switchProcess = z.strictObject({ container: text, socket: text, file: text, cfg: again });

export const database = z.strictObject({ container: text, within: seconds, files: again });

export const databaseLogin = z.strictObject({
  container: text,
  database: text,
  /** Role without a login that the data belongs to. */
  owner: text,
  login: text,
  password: text,
  /** Of a database that is one application's own; absent for the one that all share. */
  extensions: z.array(text).optional(),
  /** Databases of Postgres itself that no login may connect to. */
  closed: z.array(text).optional(),
});

export const cachePassword = z.strictObject({
  directory: text,
  container: text,
  fingerprint: text,
  password: text,
});

/** A user of one application. */
export const cacheUser = cachePassword.extend({
  user: text,
  /** Of its keys and channels. */
  prefix: text,
  /** maxmemory-policy. */
  policy: text,
});

export const edge = z.strictObject({
  directory: text,
  container: text,
  image: text,
  /** Reloads whose workers go on. */
  oldProcesses: z.number().int(),
  /** Path on the server → path in the container. */
  mounts: z.record(z.string(), z.string()),
  writable: z.array(text),
  tmpfs: z.array(text),
  /** Relative name → text. */
  files: z.record(z.string(), z.string()),
});

/** Passwords of visitors, for Nginx. */
export const edgeUsers = z.strictObject({
  directory: text,
  /** Group of Nginx's workers, by number. */
  group: z.int().min(0),
  /** File → user → password. */
  files: z.record(z.string(), z.record(z.string(), z.string())),
});

export const certificate = z.strictObject({
  mode: z.enum(["acme", "self-signed"]),
  domain: text,
  names: z.array(text),
  /** Folder that holds pairs and authority. */
  tls: text,
  /** The edge's. */
  container: text,
  email: text.optional(),
  directory: text.optional(),
  challenge: z.enum(["http-01", "dns-01"]).optional(),
  /** Seconds after which a renewal makes a new key. */
  keyLife: seconds.optional(),
  webroot: text.optional(),
  /** File with what to trust when talking to the directory. */
  ca: text.optional(),
  plugin: text.optional(),
  propagation: seconds.optional(),
  credentials: text.optional(),
});

/** A request that the server makes of a container. */
const request = z.strictObject({
  port: z.number().int(),
  path: text,
  /** `200-399` when absent. */
  status: text.optional(),
  host: text.optional(),
});

export const release = z.strictObject({
  app: text,
  release: text,
  /** Names of its containers. */
  containers: z.array(text),
  pids: z.number().int(),
  within: seconds,
  /** Tells which releases serve; an application without a port has none. */
  switch: z.strictObject({ socket: text }).optional(),
  /** What is asked where the container's own check can't run, or there is none. */
  http: request.optional(),
  rollout: again,
});

/** A command that prepares a release. */
export const releaseCommand = z.strictObject({
  app: text,
  release: text,
  /** The container that it runs in, made and not started. */
  container: text,
  pids: z.number().int(),
  timeout: seconds,
  /** File that says that it has ended well. */
  marker: text,
});

/** A process in one of an application's releases. */
const process = z.strictObject({
  name: text,
  /** Names of its containers. */
  containers: z.array(text),
  pids: z.number().int(),
  within: seconds,
});

/** The gate of a release's processes that get no traffic and have no successor to wait for. */
export const workers = z.strictObject({
  app: text,
  release: text,
  /** The system's, as containers have it in their label. */
  system: text,
  /** Names of the containers of the release's web process. */
  web: z.array(text),
  processes: z.array(process),
  switch: z.strictObject({ socket: text }).optional(),
  rollout: again,
});

/** What an application's processes hand over to their successors, and what else runs. */
const succession = z.strictObject({
  system: text,
  processes: z.array(
    process.extend({
      release: text,
      /** Those of other releases stop before these start. */
      succeeds: z.boolean(),
    }),
  ),
});

export const handover = z.strictObject({ app: text, handover: succession });

export const traffic = z.strictObject({
  app: text,
  /** The switch's. */
  container: text,
  /** HAProxy's runtime API. */
  socket: text,
  /** What HAProxy reads of this application when it starts. */
  file: text,
  /** The name by which the switch checks. */
  domain: text,
  port: z.number().int(),
  /** Path that the switch checks, the statuses that it expects, and the name that it gives; no path where it answers no HTTP. */
  health: text.optional(),
  status: text.optional(),
  host: text.optional(),
  within: seconds,
  /** TCP ports of the server that lead to it, and those of its containers. */
  ports: z
    .array(
      z.strictObject({
        port: z.number().int(),
        to: z.number().int(),
        /** Whether it is told the visitor's address first. */
        proxy: z.boolean().optional(),
      }),
    )
    .optional(),
  /** What is still open after this time is closed. */
  drain: seconds,
  releases: z.array(z.strictObject({ name: text, weight: z.number(), containers: z.array(text) })),
  handover: succession.optional(),
  /** Requests wait while a release stops and the next one starts. */
  exclusive: z.boolean().optional(),
  /** Its containers speak HTTP/2 without TLS. */
  grpc: z.boolean().optional(),
});

export const jobs = z.strictObject({
  app: text,
  /** The release that serves. */
  release: text,
  /** Its containers: a job's is made like the first of them. */
  containers: z.array(text),
  /** Folder of the metrics that a collector of text files reads. */
  metrics: text,
  jobs: z.array(
    z.strictObject({
      name: text,
      command: z.array(text),
      /** Of one try. */
      timeout: seconds,
      retries: z.number().int(),
      /** Before the first retry. */
      pause: seconds,
      /** Between SIGTERM and SIGKILL. */
      stop: seconds,
      /** Bytes; as much as the release's container when absent. */
      memory: z.number().int().optional(),
      /** Expressions of systemd.time(7). */
      calendars: z.array(text),
      unit,
    }),
  ),
});

export const volume = z.strictObject({
  volume: text,
  /** The stack's name, and the application's, for its labels. */
  system: text,
  app: text,
  /** Numbers of user and group. */
  owner: text.optional(),
  mode: text.optional(),
  /** Whether backups include it. */
  backup: z.boolean(),
});

export const images = z.strictObject({
  app: text,
  /** References by digest of the releases that are declared. */
  images: z.array(text),
  /** How many others stay. */
  keep: z.number().int(),
});
