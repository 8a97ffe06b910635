import { knownKeys } from "../../config/parse.ts";
import type { Outcome } from "./notes.ts";
import { SERVICE_ROWS } from "./table-service.ts";
import { OTHER_ROWS } from "./table-others.ts";
import { KAMAL_ROWS } from "./kamal/table.ts";

/** One key of the Compose Specification or of Kamal's file, and what an import makes of it. */
export interface Row {
  /** `service.ports`, `build.args`, `volume.driver`. */
  key: string;
  outcome: Outcome;
  /** What becomes of it, or why nothing does: for the report and for docs/import.md. */
  text: string;
  /** Setting of an application that it becomes; without it in the schema, the key isn't taken over. */
  setting?: string;
}

/** The whole conversion, key by key. */
export const TABLE: readonly Row[] = [...SERVICE_ROWS, ...OTHER_ROWS, ...KAMAL_ROWS].map(
  ([key, outcome, text, setting]) => ({
    key,
    outcome,
    text,
    setting,
  }),
);

/** What a key becomes with the settings that this version has. */
export function rowOf(key: string): Row | undefined {
  const row = TABLE.find((one) => one.key === key);
  if (!row?.setting || isKnown(row.setting)) return row;
  return { ...row, outcome: "not", text: `There is no setting ${row.setting} of an application yet.` };
}

const KNOWN = new Map<string, boolean>();

/** Whether applications have this setting: `health.startPeriod`. */
export function isKnown(setting: string): boolean {
  const path = ["apps", "name", ...setting.split(".")];
  const known = KNOWN.get(setting) ?? knownKeys(path.slice(0, -1)).includes(path.at(-1)!);
  KNOWN.set(setting, known);
  return known;
}
