import { postgresMissing, startPostgres, type Postgres } from "./postgres.ts";
import { redisMissing, startRedis, type RedisServer } from "./redis.ts";

/** A database and a cache, real ones. */
export interface Stores {
  postgres: Postgres;
  redis: RedisServer;
}

export async function startStores(): Promise<Stores> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  return { postgres, redis };
}

export async function removeStores({ postgres, redis }: Stores): Promise<void> {
  await Promise.all([postgres.remove(), redis.remove()]);
}

let shared: Promise<Stores> | undefined;

/** The stores that all tests share which don't break them. */
export function sharedStores(): Promise<Stores> {
  shared ??= startStores();
  return shared;
}

after("stop the shared stores", async function () {
  this.timeout(30_000);
  if (shared) await removeStores(await shared);
});

/** A suite that needs both stores: skipped, with the reason in its title, on a machine without them. */
export function describeWithStores(title: string, suite: (this: Mocha.Suite) => void): void {
  const missing = [postgresMissing(), redisMissing()].filter(Boolean).join("; ");
  if (missing) describe.skip(`${title} (skipped: ${missing})`, suite);
  else describe(title, suite);
}
