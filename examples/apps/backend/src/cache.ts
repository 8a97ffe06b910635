import { Redis } from "ioredis";
import type { Logger } from "../../common/log.ts";
import { Unavailable } from "./http/errors.ts";
import { succeedsWithin } from "./within.ts";

const COMMAND_MS = 1500;
const COUNTER = "example:counter";

/** The Redis cache: one connection that comes back by itself. */
export class Cache {
  private readonly redis: Redis;

  constructor(url: string, log: Logger) {
    this.redis = new Redis(url, {
      connectionName: "backend",
      connectTimeout: 1500,
      commandTimeout: COMMAND_MS,
      retryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
      // A caller learns at once that the cache is away, instead of waiting in a queue for it to come back …
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      // … and a command that may have been run isn't sent twice: the counter would count twice.
      autoResendUnfulfilledCommands: false,
      disableClientInfo: true,
    });
    this.redis.on("error", (err) => log.warn({ err }, "cache: connection lost"));
  }

  /** The counter's value; 0 before the first count. */
  async count(): Promise<number> {
    return Number((await this.run(() => this.redis.get(COUNTER))) ?? 0);
  }

  /** Adds one and returns the new value. */
  async increment(): Promise<number> {
    return this.run(() => this.redis.incr(COUNTER));
  }

  /** Whether Redis answers now, known within 1.5 s (requirement A13). */
  async ping(): Promise<boolean> {
    return succeedsWithin(COMMAND_MS, this.redis.ping());
  }

  close(): void {
    this.redis.disconnect();
  }

  private async run<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      throw new Unavailable("cache", error);
    }
  }
}
