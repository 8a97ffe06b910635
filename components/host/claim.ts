import { isBuilt } from "../../config/built.ts";
import { databaseNames, databasesOf, type DatabaseNames } from "../../config/databases.ts";
import { cachePrefix } from "../../config/given.ts";
import { infrastructureTag, repository } from "../../config/images.ts";
import { ownCacheHost } from "../../config/own-caches.ts";
import type { Settings } from "../../config/load.ts";
import { namedPlaces } from "../../config/places.ts";

/** What a stack says of itself to the server that it wants to own (assets/host/fairlead/owner.py). */
export interface Claim {
  project: string;
  stack: string;
  /** Name of the system. */
  name: string;
  holds: Holds;
  /** Application → what tells it under another name: where its image comes from, and the addresses that lead to it. */
  signs: Record<string, string[]>;
}

/** Settings that data depends on: a change would leave it behind, or delete it. */
export interface Holds {
  name: string;
  database: DatabaseHolds | null;
  cache: boolean;
  /** Where the stack file says so → database that the application uses: another one would begin empty. */
  databases: Record<string, string>;
  /** Likewise, how the keys begin of an application that has its own user of the cache, or where its own Redis is (no colon at its end). */
  prefixes: Record<string, string>;
}

/** Database and role that owns its data, and the major version of Postgres that alone can read its files. */
export interface DatabaseHolds extends DatabaseNames {
  major: string;
}

type Said = Pick<
  Settings,
  | "project"
  | "stack"
  | "name"
  | "domain"
  | "edge"
  | "sites"
  | "database"
  | "cache"
  | "images"
  | "versions"
  | "apps"
>;

export function claimOf(settings: Said): Claim {
  const { project, stack, name, database, cache, images, versions } = settings;
  const major = infrastructureTag(images, "postgres", versions.postgres).split(/[.-]/)[0]!;
  const names = database.enabled ? { ...databaseNames(name, database), major } : null;
  return {
    project,
    stack,
    name,
    holds: {
      name,
      database: names,
      cache: cache.enabled,
      databases: databasesHeld(settings),
      prefixes: prefixesHeld(settings),
    },
    signs: signsOf(settings),
  };
}

/** What each application uses. */
function databasesHeld({ name, database, apps }: Said): Holds["databases"] {
  const shared = databaseNames(name, database).name;
  const held = Object.entries(apps).flatMap(([app, settings]) =>
    databasesOf(app, settings).map(({ key, own }) => [`apps.${app}.${key}`, own?.name ?? shared] as const),
  );
  return Object.fromEntries(held);
}

function prefixesHeld({ apps }: Said): Holds["prefixes"] {
  const held = Object.entries(apps).flatMap(([app, { cache }]) =>
    cache
      ? [
          [
            `apps.${app}.cache`,
            cache.dedicated ? ownCacheHost(cache.name ?? app) : cachePrefix(app, cache),
          ] as const,
        ]
      : [],
  );
  return Object.fromEntries(held);
}

/** An image that is built here and has no repository is called as its application: the folder of its sources tells more. */
function signsOf(settings: Said): Claim["signs"] {
  const places = namedPlaces(settings);
  return Object.fromEntries(
    Object.entries(settings.apps).map(([name, { image, build, routes }]) => {
      const source = build && isBuilt(image) ? `build: ${build.context}` : `image: ${repository(image)}`;
      const own = routes.map(({ path }) => `route: ${path}`);
      const named = places.flatMap(({ name: host, settings: { app, routes: placed } }) => [
        ...(app === name ? [`${host}/`] : []),
        ...placed.flatMap((route) => (route.app === name ? `${host}${route.path}` : [])),
      ]);
      return [name, [source, ...own, ...named]] as const;
    }),
  );
}
