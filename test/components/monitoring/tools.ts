import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** Files in a folder of their own, while something is done with them. */
export async function withFiles<T>(
  files: Record<string, string>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-monitoring-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a linter says; its exit code is part of it. */
export async function lint(
  file: string,
  args: string[],
  cwd: string,
): Promise<{ code: number; text: string }> {
  const { exitCode, all, shortMessage } = await execa(file, args, { cwd, all: true, reject: false });
  if (exitCode === undefined)
    throw new Error(`${shortMessage}: npm test -- --stage unit installs what the unit tests need`);
  return { code: exitCode, text: all };
}
