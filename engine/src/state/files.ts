import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a file atomically: readers see the old or the new text, never a part, even if the process dies.
 * @param options.backup keep the replaced text as `<path>.bak`
 * @param options.durable flush to the disk before the switch (survives a power cut, costs milliseconds)
 * @param options.mode of a file that isn't there yet
 * @param options.keep a file of the user's own: mode and owner stay, and a link to it stays a link
 */
export function writeAtomically(
  path: string,
  data: string,
  options: { backup?: boolean; durable?: boolean; mode?: number; keep?: boolean } = {},
): void {
  mkdirSync(dirname(path), { recursive: true });
  const target = options.keep ? resolveLinks(path) : path;
  const old = options.keep ? statSync(target, { throwIfNoEntry: false }) : undefined;
  const temporary = `${target}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", options.mode ?? 0o600);
  try {
    writeFileSync(file, data);
    if (old) {
      fchmodSync(file, old.mode & 0o7777);
      if (process.getuid?.() === 0) fchownSync(file, old.uid, old.gid);
    }
    if (options.durable) fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  if (options.backup) keepBackup(target);
  renameSync(temporary, target);
  // A checksum file of the official backend would now be wrong; it works without one.
  rmSync(`${target}.attrs`, { force: true });
}

function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return path;
    throw error;
  }
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
