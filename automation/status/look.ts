import { z } from "zod";
import type { CallInputs } from "../../config/host/index.ts";
import { RECORDED } from "../../config/metrics.ts";
import { answer as figures } from "../lib/figures.ts";
import { jobStatus } from "../lib/jobs.ts";
import type { StackOutputs } from "../lib/outputs.ts";
import { Server } from "../lib/server.ts";

const bytes = z.number().nonnegative();
/** Seconds since 1970. */
const moment = z.number();

/** What was looked at, or why it could not be seen. */
const seen = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([z.object({ unseen: z.string() }), schema]);

const list = <Schema extends z.ZodType>(schema: Schema) => seen(z.object({ list: z.array(schema) }));

const container = z.object({
  name: z.string(),
  /** The stack's name. */
  system: z.string().nullable(),
  /** An application, or a service of the infrastructure. */
  service: z.string().nullable(),
  /** `null`: the web process, or no application. */
  process: z.string().nullable(),
  /** A job or a one-off. */
  task: z.string().nullable(),
  release: z.string().nullable(),
  state: z.enum(["created", "running", "paused", "restarting", "removing", "exited", "dead"]),
  health: z.enum(["starting", "healthy", "unhealthy"]).nullable(),
  created: moment.nullable(),
  started: moment.nullable(),
  exitCode: z.number(),
  /** Its memory ran out. */
  killed: z.boolean(),
  /** By Docker, and after failures of its live check. */
  restarts: z.number(),
  liveRestarts: z.number(),
  memory: bytes.nullable(),
  limit: bytes.nullable(),
});

const timer = z.object({
  name: z.string(),
  active: z.boolean(),
  running: z.boolean(),
  last: moment.nullable(),
  next: moment.nullable(),
  ended: moment.nullable(),
  /** As systemd has it: `success`, `exit-code`, `timeout`; `null` before the first run. */
  result: z.string().nullish(),
});

const machine = z.object({
  /** Seconds. */
  uptime: z.number(),
  load: z.tuple([z.number(), z.number(), z.number()]),
  cores: z.number(),
  memory: z.object({ total: bytes, available: bytes }),
  swap: z.object({ total: bytes, free: bytes }),
  disk: z.object({ used: bytes, free: bytes }),
  inodes: z.object({ total: z.number(), free: z.number() }),
  /** Whether an update of the system waits for a start of the server. */
  reboot: z.boolean(),
});

/** Figures of Prometheus that are asked for, in seconds. */
const QUERIES = { p95: RECORDED.p95, releaseP95: RECORDED.byRelease.p95 } as const;

const sample = z.object({ labels: z.record(z.string(), z.string()), value: z.number() });

const monitoring = z.object({
  alerts: z.array(
    z.object({
      name: z.string().nullish(),
      severity: z.string().nullish(),
      state: z.enum(["inactive", "pending", "firing"]),
      /** ISO 8601. */
      since: z.string().nullish(),
      summary: z.string().nullish(),
    }),
  ),
  figures: z.record(z.string(), z.array(sample)),
});

const cache = z.object({
  version: z.string(),
  clients: z.number(),
  bytes,
  maxBytes: bytes.nullable(),
  keys: z.number(),
  evicted: z.number(),
});

const status = z.object({
  at: moment,
  system: z.string().nullable(),
  /** The run that changes the server at this moment. */
  run: z
    .object({ who: z.string().nullable(), what: z.string().nullable(), since: z.string().nullable() })
    .nullable(),
  machine: seen(machine),
  containers: list(container),
  switch: seen(figures),
  database: seen(
    z.object({
      version: z.string(),
      connections: z.number(),
      maxConnections: z.number(),
      bytes,
    }),
  ).nullable(),
  cache: seen(cache).nullable(),
  /** Of single applications, by service; tools of an earlier version know none. */
  ownCaches: seen(z.object({ byService: z.record(z.string(), cache) })).default({ byService: {} }),
  certificate: seen(
    z.object({
      mode: z.enum(["acme", "self-signed"]),
      names: z.array(z.string()),
      begin: moment,
      end: moment,
      /** How the last renewal went. */
      last: z.string().nullable(),
    }),
  ),
  /** `null` where no Prometheus runs. */
  monitoring: seen(monitoring).nullable(),
  jobs: list(jobStatus),
  timers: list(timer),
  /** Units of systemd. */
  failed: list(z.string()),
});

/** What the server says of itself at one moment. */
export type ServerStatus = z.output<typeof status>;

export type Container = z.output<typeof container>;

/**
 * Asks the server, once.
 * @throws CallFailed when it can't be reached, or has tools of an earlier version
 */
export async function lookAt(outputs: StackOutputs): Promise<ServerStatus> {
  const input: CallInputs["status"] = { socket: outputs.switchSocket, queries: QUERIES };
  return Server.of(outputs).call("status look", input, status);
}

/** The answer of the host tools. @throws ZodError when it is another */
export const statusOf = (found: unknown): ServerStatus => status.parse(found);

/** What a part found; nothing where it could not be seen. */
export function listOf<T>(part: { list: T[] } | { unseen: string }): T[] {
  return "list" in part ? part.list : [];
}
