import { databaseNames, databasesOf } from "../databases.ts";
import type { Problem } from "../problems.ts";
import { identifier } from "../schema/data.ts";
import type { StackConfig } from "../schema/index.ts";

type Config = Pick<StackConfig, "name" | "apps" | "database">;

/** Names that Postgres keeps for itself (PostgreSQL's manual, "Template Databases", "CREATE ROLE"). */
export const TAKEN = /^(postgres|template0|template1|pg_.*|public|none|user|current_user)$/;

/** Databases of applications that can't be: Postgres is off, or their name is no name, or somebody else's. */
export function checkDatabases(config: Config): Problem[] {
  const shared = Object.values(databaseNames(config.name, config.database));
  const owners = new Map(
    shared.map((name) => [name, "the stack's own, which applications share that need it"]),
  );
  return Object.entries(config.apps).flatMap(([app, settings]) =>
    databasesOf(app, settings).flatMap(({ key, variable, own }): Problem[] => {
      if (!own) return [];
      const path = `apps.${app}.${key}`;
      if (!config.database.enabled)
        return [
          {
            path,
            message: "wants a database, and Postgres is off",
            remedy: `Set database.enabled to true; or, for a database elsewhere, remove it and list ${variable} under secrets.`,
          },
        ];
      const problem = nameProblem(`${path}.name`, own.name, owners.get(own.name));
      owners.set(own.name, `that of ${path}`);
      return problem ? [problem] : [];
    }),
  );
}

function nameProblem(path: string, name: string, owner: string | undefined): Problem | undefined {
  const remedy = `Set ${path} to another name.`;
  if (owner !== undefined)
    return { path, message: `expected a name of its own, found "${name}", which is ${owner}`, remedy };
  if (TAKEN.test(name))
    return { path, message: `expected another name, found "${name}", which Postgres keeps`, remedy };
  if (!identifier.safeParse(name).success)
    return { path, message: `expected at most 31 letters, digits and _, found "${name}"`, remedy };
  return undefined;
}
