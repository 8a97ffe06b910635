import { z } from "zod";
import { atLeast, evictionPolicy, identifier } from "../data.ts";
import { label } from "../fields.ts";

/** The name of an extension as Postgres lists it: `pg_trgm`, `uuid-ossp`. */
const extension = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, { error: "an extension such as pg_trgm" });

/** A database of an application's own. */
export const ownDatabase = z.strictObject({
  name: identifier
    .optional()
    .describe("Name of the database and of the role that owns it; the application's when absent"),
  extensions: z
    .array(extension)
    .default([])
    .describe(
      "Extensions that it has; one that the image of Postgres hasn't is refused before traffic moves",
    ),
});

export const appDatabase = ownDatabase
  .optional()
  .describe(
    "A database and role of its own, which no other application can read; gives DATABASE_URL ([data.md](data.md))",
  );

export const appDatabases = z
  .record(label, ownDatabase)
  .default({})
  .describe("Further ones by name: events gives EVENTS_DATABASE_URL, and {{databases.events.url}}");

export type OwnDatabase = z.output<typeof ownDatabase>;

/** An application's own user of the cache, or a Redis of its own. */
export const appCache = z
  .strictObject({
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,40}:$/, { error: "a prefix such as shop:, with a colon at its end alone" })
      .optional()
      .describe("How its keys and channels begin; the application's name and a colon when absent"),
    queue: z
      .boolean()
      .default(false)
      .describe("It queues there: refused while cache.policy may evict what waits"),
    scan: z
      .boolean()
      .default(false)
      .describe(
        "Let it list names with SCAN, those of others' keys too, and no values: clearing by a pattern needs that",
      ),
    dedicated: z
      .boolean()
      .default(false)
      .describe(
        "A Redis of its own in place of a user of the stack's: any names, all sixteen databases, KEYS and FLUSHDB",
      ),
    name: label
      .optional()
      .describe("Name of its own Redis and of the data there; the application's when absent"),
    memory: atLeast("16 MB", 16 * 1024 ** 2)
      .optional()
      .describe("maxmemory of its own Redis, 64 MB when absent; the container gets half as much again"),
    policy: evictionPolicy
      .optional()
      .describe("maxmemory-policy of its own Redis; noeviction when absent, as Redis has it"),
    cpus: z.number().positive().max(256).optional().describe("CPU limit of its own Redis, 0.5 when absent"),
  })
  .optional()
  .describe(
    "A user of Redis of its own, for keys and channels with its prefix, or a whole Redis; gives REDIS_URL ([data.md](data.md))",
  );
