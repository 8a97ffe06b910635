import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

const FOLDER = join(__dirname, "..", "..", "assets");

/** Where a file below `assets/` stands, for a program that runs it. */
export function assetPath(path: string): string {
  return join(FOLDER, path);
}

/** Text of a file below `assets/`. */
export function asset(path: string): string {
  return readFileSync(join(FOLDER, path), "utf8");
}

/** Every file of a folder below `assets/`, in its folders too: path within it → text, sorted by path. */
export function assetTree(path: string): Record<string, string> {
  const entries = readdirSync(join(FOLDER, path), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".pyc"))
    .map((entry) => relative(join(FOLDER, path), join(entry.parentPath, entry.name)));
  return Object.fromEntries(files.sort().map((name) => [name, asset(join(path, name))]));
}
