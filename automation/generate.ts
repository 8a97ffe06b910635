import { readFileSync } from "node:fs";
import { join } from "node:path";
import { auditReference, ids } from "../audit/src/index.ts";
import { stackFileSchema } from "../config/json-schema.ts";
import { contract } from "../config/host/index.ts";
import { configurationReference } from "../config/reference.ts";
import { exceptionsOf } from "./lib/audit-target.ts";
import { importReference } from "./import/reference.ts";
import { writeAtomically } from "./lib/files.ts";
import { PROJECT } from "./lib/project-name.ts";
import { ROOT } from "./lib/workspace.ts";

/** Files that are made from the schema, from what the nouns on the server take, and from the list of checks: path → text. */
export function generated(): Record<string, string> {
  return {
    "assets/host/fairlead/contract.json": contract(),
    "config/audit-checks.ts": auditChecks(),
    "config/schema.json": `${JSON.stringify(stackFileSchema(PROJECT, ids()), null, 2)}\n`,
    "docs/audit.md": auditReference(exceptionsOf("<name>")),
    "docs/configuration.md": configurationReference(PROJECT),
    "docs/import.md": importReference(),
  };
}

/** The ids that `audit.accept` may name, for the schema, which imports nothing of the audit. */
function auditChecks(): string {
  const rows = ids().map((id) => `  ${JSON.stringify(id)},`);
  return [
    "/** Ids of the audit's checks. Generated from `audit/` by `npm run generate`. */",
    "export const AUDIT_CHECKS: readonly string[] = [",
    ...rows,
    "];",
    "",
  ].join("\n");
}

/** Paths whose file isn't what the schema makes of it. */
export function stale(): string[] {
  return Object.entries(generated()).flatMap(([path, text]) =>
    readOr(join(ROOT, path)) === text ? [] : [path],
  );
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  for (const [path, text] of Object.entries(generated())) writeAtomically(join(ROOT, path), text);
}
