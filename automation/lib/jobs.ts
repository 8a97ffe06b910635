import { z } from "zod";
import type { Server } from "./server.ts";

/** How a job ended last, or that it runs. */
const result = z.object({
  state: z.enum(["running", "succeeded", "failed", "timed out", "stopped", "interrupted"]),
  /** Why it failed. */
  words: z.string().optional(),
  /** Exit code of its command. */
  code: z.number().optional(),
  /** Seconds since 1970. */
  started: z.number(),
  ended: z.number().optional(),
  /** When it ended well last. */
  succeeded: z.number().nullish(),
  /** All tries together. */
  seconds: z.number().optional(),
  tries: z.number().optional(),
  /** Runs that have ended, and those among them that failed. */
  runs: z.number().default(0),
  failures: z.number().default(0),
  release: z.string(),
  /** The last lines of its output. */
  lines: z.array(z.string()).default([]),
});

/** A job as the server knows it. */
export const jobStatus = z.object({
  app: z.string(),
  job: z.string(),
  /** Expressions of systemd.time(7). */
  calendars: z.array(z.string()),
  /** The release that runs it next. */
  release: z.string(),
  /** Whether its timer is active. */
  timer: z.boolean(),
  running: z.boolean(),
  /** Seconds since 1970; `null` without an active timer. */
  next: z.number().nullable(),
  /** `null` before the first run. */
  result: result.nullable(),
});

export type JobStatus = z.output<typeof jobStatus>;

/** Every job of the stack, by application. */
export async function readJobs(server: Server): Promise<JobStatus[]> {
  const { jobs } = await server.call("job look", {}, z.object({ jobs: z.array(jobStatus) }));
  return jobs;
}

/** Whether a job's last run ended badly. */
export const hasFailed = ({ result }: JobStatus): boolean =>
  result !== null && !["running", "succeeded"].includes(result.state);
