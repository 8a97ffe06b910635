import type { Database } from "../../config/schema/data.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";

const MEBIBYTE = 1024 ** 2;

/**
 * `postgresql.conf` for a container with that much memory: a quarter for shared buffers, three quarters as the
 * planner's idea of the cache, the rest shared among the connections (postgresql.org/docs, resource consumption).
 */
export function postgresqlConf({
  memory,
  maxConnections,
}: Pick<Database, "memory" | "maxConnections">): string {
  const megabytes = Math.floor(memory / MEBIBYTE);
  const sharedBuffers = Math.max(16, Math.floor(megabytes / 4));
  return fill(asset("database/postgresql.conf"), {
    maxConnections,
    sharedBuffers,
    effectiveCache: Math.floor((megabytes * 3) / 4),
    maintenanceWork: Math.max(16, Math.min(1024, Math.floor(megabytes / 16))),
    work: Math.max(1024, Math.floor(((megabytes - sharedBuffers) * 1024) / (maxConnections * 3))),
    walBuffers: Math.min(16, Math.max(1, Math.floor(sharedBuffers / 32))),
  });
}
