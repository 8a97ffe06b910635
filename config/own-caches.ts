import type { App } from "./schema/app/index.ts";
import type { Cache } from "./schema/data.ts";
import {
  neededServices,
  SERVICE_NAMES,
  SERVICES,
  type ServiceName,
  type ServiceRow,
  type Switches,
} from "./services.ts";

type Apps = Readonly<Record<string, Pick<App, "cache">>>;

/** A Redis that is one application's own. */
export interface OwnCache {
  /** The application that uses it. */
  app: string;
  /** Its own name, and that of its data. */
  name: string;
  settings: Pick<Cache, "memory" | "policy" | "cpus">;
}

const MEMORY = 64 * 1024 ** 2;
const CPUS = 0.5;

/** Redis of single applications, sorted by name. */
export function ownCaches(apps: Apps): OwnCache[] {
  return Object.entries(apps)
    .flatMap(([app, { cache }]): OwnCache[] => {
      if (!cache?.dedicated) return [];
      const { name = app, memory = MEMORY, policy = "noeviction", cpus = CPUS } = cache;
      return [{ app, name, settings: { memory, policy, cpus } }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The container and name on the private network of an application's own Redis. */
export function ownCacheHost(name: string): string {
  return `cache-${name}`;
}

/** Services whose image and password a stack needs: those that it runs, and the cache's where an application has one of its own. */
export function providedServices(config: Switches & { apps: Apps }): ServiceName[] {
  const needed = neededServices(config);
  return ownCaches(config.apps).length === 0
    ? needed
    : SERVICE_NAMES.filter((name) => name === "cache" || needed.includes(name));
}

/** What everything outside its component needs to know about it; its image is that of the stack's cache. */
export function ownCacheRow({ app, name }: Pick<OwnCache, "app" | "name">): ServiceRow {
  const { image, tags, versionNote } = SERVICES.cache;
  return {
    title: `the cache of ${app}`,
    image,
    tags,
    versionNote,
    container: ownCacheHost(name),
    alias: ownCacheHost(name),
    logsJson: false,
  };
}
