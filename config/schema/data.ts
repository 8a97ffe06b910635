import { z } from "zod";
import { size } from "./fields.ts";

/** A name in Postgres: lower case, so that it needs no quotes, and short enough for what is put behind it. */
export const identifier = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,30}$/, { error: "a Postgres identifier such as maicivy" });

export const atLeast = (text: string, bytes: number) =>
  size.refine((value) => value >= bytes, { error: `at least ${text}` });

/** Postgres (D1–D10). */
export const database = z.strictObject({
  enabled: z.boolean().default(true).describe("Run Postgres"),
  name: identifier.optional().describe("Database name (D5); the system's name when absent"),
  owner: identifier.optional().describe("Role that owns the data (D5); the system's name when absent"),
  memory: size.prefault("512 MB").describe("Memory limit; buffers are derived from it (D10)"),
  sharedBuffers: atLeast("1 MB", 1024 ** 2)
    .optional()
    .describe("shared_buffers (D10); a quarter of the memory when absent; another one needs a restart"),
  workMemory: atLeast("64 KB", 64 * 1024)
    .optional()
    .describe("work_mem, for each sort or hash of a query (D10); a share for each connection when absent"),
  effectiveCache: atLeast("1 MB", 1024 ** 2)
    .optional()
    .describe("effective_cache_size, which queries are planned with (D10); three quarters when absent"),
  cpus: z.number().positive().max(256).default(1).describe("CPU limit"),
  maxConnections: z.number().int().min(10).max(5000).default(100).describe("max_connections (D9)"),
});

/** What Redis does when its memory is full. */
export const evictionPolicy = z.enum([
  "allkeys-lru",
  "allkeys-lfu",
  "volatile-lru",
  "volatile-lfu",
  "volatile-ttl",
  "noeviction",
]);

/** Redis (C1–C7). */
export const cache = z.strictObject({
  enabled: z.boolean().default(true).describe("Run Redis"),
  memory: size
    .prefault("256 MB")
    .describe("maxmemory (C5); the container gets half as much again for the AOF rewrite"),
  policy: evictionPolicy.default("allkeys-lru").describe("maxmemory-policy (C5)"),
  cpus: z.number().positive().max(256).default(0.5).describe("CPU limit"),
});

export type Database = z.output<typeof database>;
export type Cache = z.output<typeof cache>;
