import { isChosen } from "./audit.ts";
import { FAMILIES } from "./families/index.ts";

/** Ids of all checks, in the order of the report. */
export const ids = (): string[] => FAMILIES.flatMap(({ checks }) => checks.map(({ id }) => id));

/** What leads to no check. */
export function unknownIds(only: readonly string[]): string[] {
  return only.filter((one) => !ids().some((id) => isChosen(id, [one])));
}
