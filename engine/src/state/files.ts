import {
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a file at once: readers see the old or the new text, never a part, whenever the process dies.
 * @param options.backup keep the replaced text as `<path>.bak`
 * @param options.durable flush to the disk before the switch (survives a power cut, costs milliseconds)
 */
export function writeAtomically(
  path: string,
  data: string,
  options: { backup?: boolean; durable?: boolean; mode?: number } = {},
): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", options.mode ?? 0o600);
  try {
    writeFileSync(file, data);
    if (options.durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (options.backup) keepBackup(path);
  renameSync(temporary, path);
  // Another writer's checksum beside the file would now be wrong; the official backend does without one.
  rmSync(`${path}.attrs`, { force: true });
}

function keepBackup(path: string): void {
  const temporary = `${path}.bak.tmp`;
  rmSync(temporary, { force: true });
  try {
    linkSync(path, temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  renameSync(temporary, `${path}.bak`);
  rmSync(`${path}.bak.attrs`, { force: true });
}
