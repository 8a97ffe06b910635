import { calledInside, gatewayRow } from "../gateways.ts";
import { cachePrefix } from "../given.ts";
import { ownCacheHost } from "../own-caches.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";

type Config = Pick<StackConfig, "apps" | "cache">;
type Own = NonNullable<StackConfig["apps"][string]["cache"]>;

/** Caches that can't be, that others could read, or whose queues could lose what waits. */
export function checkCache(config: Config): Problem[] {
  const owners = new Map<string, string>();
  return Object.entries(config.apps).flatMap(([app, { cache: own }]): Problem[] => {
    if (!own) return [];
    const path = `apps.${app}.cache`;
    return own.dedicated
      ? [...misplaced(path, own, OF_A_USER), ...checkOwn(app, own, config, owners)]
      : [...misplaced(path, own, OF_ITS_OWN), ...checkUser(app, own, config, owners)];
  });
}

type Setting = "prefix" | "scan" | "name" | "memory" | "policy" | "cpus";
type Misplaced = { settings: readonly Setting[]; message: string; remedy: string };

const OF_A_USER: Misplaced = {
  settings: ["prefix", "scan"],
  message:
    "is of a user of the stack's Redis, and dedicated gives a Redis of its own, where every key is the application's",
  remedy: "Remove it, or remove dedicated.",
};
const OF_ITS_OWN: Misplaced = {
  settings: ["name", "memory", "policy", "cpus"],
  message:
    "is of a Redis of the application's own, and it has a user of the stack's, whose settings are under cache",
  remedy: "Remove it, or set dedicated to true.",
};

/** Settings of the other kind of cache. */
function misplaced(path: string, own: Own, { settings, message, remedy }: Misplaced): Problem[] {
  return settings
    .filter((one) => own[one] !== undefined && own[one] !== false)
    .map((one) => ({ path: `${path}.${one}`, message, remedy }));
}

/** A Redis of an application's own: its name is nobody else's, and its queues lose nothing. */
function checkOwn(app: string, own: Own, { apps }: Config, owners: Map<string, string>): Problem[] {
  const path = `apps.${app}.cache`;
  const host = ownCacheHost(own.name ?? app);
  const gateway = calledInside(apps).find(({ name }) => gatewayRow(name).container === host);
  const taken = host in apps ? `the application ${host}` : gateway && `the gateway of ${gateway.name}`;
  const owner = owners.get(host) ?? taken;
  owners.set(host, app);
  return [
    ...(owner === undefined
      ? []
      : [
          {
            path: `${path}.${own.name === undefined ? "dedicated" : "name"}`,
            message: `"${host}" already belongs to ${owner}`,
            remedy: `Set ${path}.name to another name.`,
          },
        ]),
    ...(own.queue && own.policy !== undefined && own.policy !== "noeviction"
      ? [
          {
            path: `${path}.queue`,
            message: `queues, and its policy ${own.policy} may evict what waits there`,
            remedy: "Set its policy to noeviction, or remove it.",
          },
        ]
      : []),
  ];
}

/** A user of the stack's Redis. */
function checkUser(app: string, own: Own, { apps, cache }: Config, owners: Map<string, string>): Problem[] {
  const path = `apps.${app}.cache`;
  const sharing = Object.keys(apps).filter((one) => !apps[one]!.cache && apps[one]!.needs.includes("cache"));
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
      "Set cache.enabled to true, or its dedicated to true for a Redis of its own; or, for a cache elsewhere, remove it and list REDIS_URL under secrets.",
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
      "Set cache.policy to noeviction, which is for the whole Redis, so that caches need times to live; or its dedicated to true, for a Redis of its own.",
    );
  return problems;
}
