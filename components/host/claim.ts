import { infrastructureTag } from "../../config/images.ts";
import type { Settings } from "../../config/load.ts";
import type { Database } from "../../config/schema/data.ts";

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
}

/** Database and role that owns its data, and the major version of Postgres that alone can read its files. */
export interface DatabaseHolds extends DatabaseNames {
  major: string;
}

/** Database and role that owns its data. */
export interface DatabaseNames {
  name: string;
  owner: string;
}

export function claimOf({ project, stack, name, database, cache, images, versions }: Settings): Claim {
  const major = infrastructureTag(images, "postgres", versions.postgres).split(/[.-]/)[0]!;
  const names = database.enabled ? { ...databaseNames(name, database), major } : null;
  return { project, stack, name, holds: { name, database: names, cache: cache.enabled } };
}

/** The system's name where the settings say nothing else, with `_` where Postgres wants no `-`. */
export function databaseNames(system: string, { name, owner }: Database): DatabaseNames {
  const own = system.replaceAll("-", "_");
  return { name: name ?? own, owner: owner ?? own };
}
