import { TAKEN } from "../../config/check/databases.ts";
import { identifier } from "../../config/schema/data.ts";
import type { Notes } from "./notes.ts";
import type { OldDatabase } from "./stores.ts";

/** Where an old database goes: into one of an application's own, or into the stack's that several share. */
export interface Home {
  name: string;
  isShared: boolean;
}

export type Homes = ReadonlyMap<OldDatabase, Home>;

/** @param users names of the applications of each database */
export function homesOf(
  users: ReadonlyMap<OldDatabase, readonly string[]>,
  system: string,
  notes: Notes,
): Homes {
  const homes = new Map<OldDatabase, Home>();
  for (const [old, apps] of users) {
    const isShared = apps.length > 1;
    const isName = identifier.safeParse(old.name).success && !TAKEN.test(old.name);
    homes.set(old, {
      name: isName ? old.name : (isShared ? system : apps[0]!).replaceAll("-", "_"),
      isShared,
    });
    if (isShared)
      notes.add(
        old.service.name,
        "image",
        "different",
        `${apps.join(", ")} use this database, so they share the stack's. Give each its own, where they needn't: database.`,
      );
  }
  const shared = [...homes].filter(([, { isShared }]) => isShared);
  for (const [old] of shared.slice(1))
    notes.add(
      old.service.name,
      "image",
      "not",
      "Applications share one database of the stack. Bring this one's data into it by hand.",
    );
  return homes;
}
