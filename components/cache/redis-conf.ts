import type { Cache } from "../../config/schema/data.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";

/** `redis.conf`; maxmemory in bytes. */
export function redisConf({ memory, policy }: Pick<Cache, "memory" | "policy">): string {
  return fill(asset("cache/redis.conf"), { maxMemory: memory, policy });
}
