import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { readProject } from "../../../automation/import/compose/read.ts";
import { convert, type Conversion } from "../../../automation/import/convert.ts";
import type { Target } from "../../../automation/import/target.ts";

export const FIXTURES = join(__dirname, "fixtures");

/** What an import makes of a file that stands in the tests. */
export function imported(path: string, target: Partial<Target> = {}, environment = {}): Conversion {
  const folder = join(FIXTURES, "..");
  return convert(readProject([join(FIXTURES, path)], environment), {
    stack: "prod",
    root: folder,
    ...target,
  });
}

/** What an import makes of a Compose file with this content, and of files beside it. */
export function importedFrom(
  content: unknown,
  { files = {}, ...target }: Partial<Target> & { files?: Record<string, string> } = {},
): Conversion {
  const folder = mkdtempSync(join(tmpdir(), "import-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "compose.yaml"), stringify({ name: "test", ...(content as object) }));
    return convert(readProject([join(folder, "compose.yaml")], {}), {
      stack: "prod",
      root: folder,
      ...target,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The settings at a path of an application: `health.path`. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], value);
}
