import { databaseNames, databasesOf, type DatabaseNames } from "../../config/databases.ts";
import { cachePrefix } from "../../config/given.ts";
import { infrastructureTag } from "../../config/images.ts";
import type { Settings } from "../../config/load.ts";

/** What a stack says of itself to the server that it wants to own (assets/host/fairlead/owner.py). */
export interface Claim {
  project: string;
  stack: string;
  /** Name of the system. */
  name: string;
  holds: Holds;
}

/** Settings that data depends on: a change would leave it behind, or delete it. */
export interface Holds {
  name: string;
  database: DatabaseHolds | null;
  cache: boolean;
  /** Where the stack file says so → database that the application uses: another one would begin empty. */
  databases: Record<string, string>;
  /** Likewise, how the keys begin of an application that has its own user of the cache. */
  prefixes: Record<string, string>;
}

/** Database and role that owns its data, and the major version of Postgres that alone can read its files. */
export interface DatabaseHolds extends DatabaseNames {
  major: string;
}

export function claimOf(settings: Settings): Claim {
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
  };
}

/** What each application uses. */
function databasesHeld({ name, database, apps }: Settings): Holds["databases"] {
  const shared = databaseNames(name, database).name;
  const held = Object.entries(apps).flatMap(([app, settings]) =>
    databasesOf(app, settings).map(({ key, own }) => [`apps.${app}.${key}`, own?.name ?? shared] as const),
  );
  return Object.fromEntries(held);
}

function prefixesHeld({ apps }: Settings): Holds["prefixes"] {
  const held = Object.entries(apps).flatMap(([app, { cache }]) =>
    cache ? [[`apps.${app}.cache`, cachePrefix(app, cache)] as const] : [],
  );
  return Object.fromEntries(held);
}
