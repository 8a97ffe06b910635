import type { App } from "./schema/app/index.ts";
import type { OwnDatabase } from "./schema/app/data.ts";
import type { Database } from "./schema/data.ts";
import { SERVICES } from "./services.ts";

/** Database and role that owns its data. */
export interface DatabaseNames {
  name: string;
  owner: string;
}

/** The system's name where the settings say nothing else, with `_` where Postgres wants no `-`. */
export function databaseNames(
  system: string,
  { name, owner }: Pick<Database, "name" | "owner">,
): DatabaseNames {
  const own = system.replaceAll("-", "_");
  return { name: name ?? own, owner: owner ?? own };
}

/** A database that an application uses. */
export interface DatabaseNeed {
  /** How the application's settings and values call it: `database`, `databases.events`. */
  key: string;
  /** The variable that has its URL. */
  variable: string;
  /** The application's own; absent for the one that all share who need it. */
  own?: OwnDatabase & { name: string };
}

type Needs = Pick<App, "needs" | "database" | "databases">;

/** The databases of an application: `needs` gives the shared one, unless it has one of its own. */
export function databasesOf(app: string, { needs, database, databases }: Needs): DatabaseNeed[] {
  const { variable } = SERVICES.database.provides;
  const main: DatabaseNeed[] = database
    ? [{ key: "database", variable, own: { ...database, name: database.name ?? identifierOf(app) } }]
    : needs.includes("database")
      ? [{ key: "database", variable }]
      : [];
  const further = Object.entries(databases).map(([name, own]): DatabaseNeed => ({
    key: `databases.${name}`,
    variable: `${identifierOf(name).toUpperCase()}_${variable}`,
    own: { ...own, name: own.name ?? identifierOf(`${app}-${name}`) },
  }));
  return [...main, ...further];
}

/** Applications that share the stack's database, when there are several: each can read and change what the others have. */
export function sharing(apps: Readonly<Record<string, Needs>>): string[] {
  const names = Object.keys(apps).filter((app) => databasesOf(app, apps[app]!).some(({ own }) => !own));
  return names.length > 1 ? names.sort() : [];
}

/** Databases that are one application's own, and the variables that have their URLs. */
export function ownDatabases(
  apps: Readonly<Record<string, Needs>>,
): { variable: string; own: NonNullable<DatabaseNeed["own"]> }[] {
  return Object.entries(apps).flatMap(([app, settings]) =>
    databasesOf(app, settings).flatMap(({ variable, own }) => (own ? { variable, own } : [])),
  );
}

function identifierOf(name: string): string {
  return name.replaceAll("-", "_");
}
