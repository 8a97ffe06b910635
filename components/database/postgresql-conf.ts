import type { Database } from "../../config/schema/data.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";

const MEBIBYTE = 1024 ** 2;

type Tuning = Pick<Database, "memory" | "maxConnections" | "sharedBuffers" | "workMemory" | "effectiveCache">;

/**
 * `postgresql.conf` for a container with that much memory: a quarter for shared buffers, three quarters as the
 * planner's idea of the cache, the rest shared among the connections (postgresql.org/docs, resource consumption), unless the
 * settings say something else.
 */
export function postgresqlConf({ memory, maxConnections, ...own }: Tuning): string {
  const megabytes = Math.floor(memory / MEBIBYTE);
  const sharedBuffers = own.sharedBuffers
    ? Math.floor(own.sharedBuffers / MEBIBYTE)
    : Math.max(16, Math.floor(megabytes / 4));
  const share = Math.floor(((megabytes - sharedBuffers) * 1024) / (maxConnections * 3));
  return fill(asset("database/postgresql.conf"), {
    maxConnections,
    sharedBuffers,
    effectiveCache: own.effectiveCache
      ? Math.floor(own.effectiveCache / MEBIBYTE)
      : Math.floor((megabytes * 3) / 4),
    maintenanceWork: Math.max(16, Math.min(1024, Math.floor(megabytes / 16))),
    work: own.workMemory ? Math.floor(own.workMemory / 1024) : Math.max(1024, share),
    walBuffers: Math.min(16, Math.max(1, Math.floor(sharedBuffers / 32))),
  });
}
