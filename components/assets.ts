import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "..", "assets");

/** Where a file below `assets/` stands, for a program that runs it. */
export function assetPath(path: string): string {
  return join(FOLDER, path);
}

/** Text of a file below `assets/`. */
export function asset(path: string): string {
  return readFileSync(join(FOLDER, path), "utf8");
}

/** Every file with that ending directly in a folder below `assets/`: name → text, sorted by name. */
export function assetFolder(path: string, ending: string): Record<string, string> {
  const names = readdirSync(join(FOLDER, path)).filter((name) => name.endsWith(ending));
  return Object.fromEntries(names.sort().map((name) => [name, asset(join(path, name))]));
}
