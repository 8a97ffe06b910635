import { databasesOf, type DatabaseNeed } from "./databases.ts";
import type { App } from "./schema/app/index.ts";
import { secretsOf } from "./schema/app/secrets.ts";
import { SERVICES } from "./services.ts";

/** What an application's settings say about the services that it uses. */
export type Uses = Pick<App, "needs" | "database" | "databases" | "cache">;

/** Parts of what a service gives an application, as values name them. */
const DATABASE_PARTS = ["url", "host", "port", "name", "user", "password"];
const CACHE_PARTS = ["url", "host", "port", "user", "password"];

/** Whether an application uses the cache, with a user of its own or the one that all share. */
export function usesCache({ needs, cache }: Uses): boolean {
  return cache !== undefined || needs.includes("cache");
}

/** How the keys of an application begin that has its own user of the cache. */
export function cachePrefix(app: string, { prefix }: NonNullable<App["cache"]>): string {
  return prefix ?? `${app}:`;
}

/** Applications with their own user of the cache, and the prefix of its keys. */
export function cacheUsers(apps: Readonly<Record<string, Pick<App, "cache">>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(apps).flatMap(([app, { cache }]) => (cache ? [[app, cachePrefix(app, cache)]] : [])),
  );
}

/** Values of the stack and of the application itself. */
const PLAIN = ["domain", "url", "name", "app"];

/** Variables that the stack makes for an application. */
export function madeFor(app: string, uses: Uses): string[] {
  const databases = databasesOf(app, uses).map(({ variable }: DatabaseNeed) => variable);
  return usesCache(uses) ? [...databases, SERVICES.cache.provides.variable] : databases;
}

/** Every name that a value of an application may hold as `{{name}}`. */
export function namesFor(app: string, settings: Uses & Pick<App, "secrets">): string[] {
  const databases = databasesOf(app, settings).flatMap(({ key }) =>
    DATABASE_PARTS.map((part) => `${key}.${part}`),
  );
  const parts = settings.cache ? [...CACHE_PARTS, "prefix"] : CACHE_PARTS;
  const cache = usesCache(settings) ? parts.map((part) => `cache.${part}`) : [];
  const secrets = secretsOf(settings.secrets).map(({ variable }) => `secrets.${variable}`);
  return [...PLAIN, ...databases, ...cache, ...secrets];
}
