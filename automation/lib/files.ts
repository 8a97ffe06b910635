import {
  readFileSync,
  existsSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Replaces a file at once: whenever this process or the machine dies, it is the old one or the new one. Its mode and
 * owner stay, and a link still leads to it.
 * @param mode of a file that isn't there yet
 */
export function writeAtomically(path: string, data: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const old = statSync(path, { throwIfNoEntry: false });
  // The file behind a link; one that leads nowhere is replaced.
  const target = old ? realpathSync(path) : path;
  removeLeftovers(target);
  const temporary = temporaryOf(target, process.pid);
  const file = openSync(temporary, "w", mode);
  try {
    writeFileSync(file, data);
    if (old) fchmodSync(file, old.mode & 0o7777);
    if (old && process.getuid?.() === 0) fchownSync(file, old.uid, old.gid);
    fsyncSync(file);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Beside its file, because only within one file system a rename is one step. */
const temporaryOf = (path: string, pid: number | string): string =>
  join(dirname(path), `.${basename(path)}.${pid}.tmp`);

/** What processes have left that were killed. */
function removeLeftovers(path: string): void {
  const [start, end] = temporaryOf(basename(path), "|").split("|") as [string, string];
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(start) && name.endsWith(end) && name.slice(start.length, -end.length);
    if (pid && /^\d+$/.test(pid) && !isAlive(Number(pid))) rmSync(join(dirname(path), name), { force: true });
  }
}

/**
 * What distinguishes a process from a later one with the same id: the machine's boot and its own start (proc(5), random/boot_id,
 * stat field 22); `undefined` where there is no such process, or a system without /proc.
 */
export function identityOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Whether a process of this machine runs; one that has ended and that its parent hasn't waited for doesn't (proc(5), stat). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // No such folder: it has just ended, or this system has none.
    return !existsSync("/proc/self/stat");
  }
}
