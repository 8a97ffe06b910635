import { cachePrefix } from "../given.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";

type Config = Pick<StackConfig, "apps" | "cache">;

/** Users of the cache that can't be, that others could read, or whose queues could lose what waits. */
export function checkCache({ apps, cache }: Config): Problem[] {
  const owners = new Map<string, string>();
  const sharing = Object.keys(apps).filter((app) => !apps[app]!.cache && apps[app]!.needs.includes("cache"));
  return Object.entries(apps).flatMap(([app, { cache: own }]): Problem[] => {
    if (!own) return [];
    const path = `apps.${app}.cache`;
    const problems: Problem[] = [];
    const problem = (where: string, message: string, remedy: string): void => {
      problems.push({ path: where, message, remedy });
    };
    const prefix = cachePrefix(app, own);
    const owner = owners.get(prefix);
    if (owner)
      problem(`${path}.prefix`, `"${prefix}" already belongs to ${owner}`, "Give each a prefix of its own.");
    else owners.set(prefix, app);
    if (!cache.enabled)
      problem(
        path,
        "wants a cache, and Redis is off",
        "Set cache.enabled to true; or, for a cache elsewhere, remove it and list REDIS_URL under secrets.",
      );
    if (sharing.length > 0)
      problem(
        path,
        `is not private while ${sharing.join(", ")} has the cache without one: that user reads every key`,
        `Give ${sharing.join(", ")} a cache with a prefix too, or remove this one.`,
      );
    if (own.queue && cache.policy !== "noeviction")
      problem(
        `${path}.queue`,
        `queues, and cache.policy ${cache.policy} may evict what waits there`,
        "Set cache.policy to noeviction; it is that of the whole Redis, so caches then need times to live.",
      );
    return problems;
  });
}
