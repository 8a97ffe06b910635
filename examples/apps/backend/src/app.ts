import { setTimeout as sleep } from "node:timers/promises";
import { InFlight } from "../../common/inflight.ts";
import type { Logger } from "../../common/log.ts";
import { Cache } from "./cache.ts";
import type { Config } from "./config.ts";
import { Database } from "./database.ts";
import { failing } from "../../common/fault.ts";
import { HttpError } from "./http/errors.ts";
import { Items } from "./items.ts";
import { Metrics } from "./metrics.ts";

/** The parts that handlers share. */
export class App {
  readonly startedAt = new Date();
  readonly inFlight = new InFlight();
  readonly metrics: Metrics;
  readonly database: Database;
  readonly cache: Cache;
  readonly items: Items;
  private readonly fails: () => boolean;

  constructor(
    readonly config: Config,
    readonly log: Logger,
  ) {
    this.metrics = new Metrics(config.release, config.version);
    this.database = new Database(config.databaseUrl, log);
    this.cache = new Cache(config.redisUrl, log);
    this.items = new Items(this.database);
    this.fails = failing(config.fault.errors ?? 0);
  }

  /** Waits or throws as `FAULT` says; does nothing in a sound release. */
  async injectFault(): Promise<void> {
    if (this.config.fault.slow) await sleep(this.config.fault.slow);
    if (this.fails()) throw new HttpError(500, "fault", "This release fails on purpose (FAULT=errors).");
  }

  async close(): Promise<void> {
    this.cache.close();
    await this.database.close();
  }
}
