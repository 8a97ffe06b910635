import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { CliError } from "../errors.ts";
import type { Backend, StackRef } from "./backend.ts";
import { writeAtomically } from "./files.ts";

interface Holder {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/**
 * Takes the lock of a stack as the official backend does: each process writes a file, and looks for others before and
 * after. A lock whose process on this machine has died is removed (and named on stderr).
 * @returns a function that releases it
 * @throws CliError naming who holds it
 */
export function lock(backend: Backend, ref: StackRef): () => void {
  const folder = backend.lockFolder(ref);
  const own = `${randomUUID()}.json`;
  refuseIfLocked(folder, own);
  const holder: Holder = {
    pid: process.pid,
    username: userInfo().username,
    hostname: hostname(),
    timestamp: new Date().toISOString(),
  };
  const path = join(folder, own);
  writeAtomically(path, JSON.stringify(holder));
  // On every end of the process but SIGKILL.
  const release = (): void => {
    process.off("exit", release);
    rmSync(path, { force: true });
  };
  process.on("exit", release);
  try {
    refuseIfLocked(folder, own);
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

/** Removes every lock of a stack (`pulumi cancel`). Returns how many there were. */
export function breakLocks(backend: Backend, ref: StackRef): number {
  const folder = backend.lockFolder(ref);
  const names = locks(folder);
  for (const name of names) rmSync(join(folder, name), { force: true });
  return names.length;
}

function locks(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
}

function refuseIfLocked(folder: string, own: string): void {
  const holders: string[] = [];
  for (const name of locks(folder)) {
    if (name === own) continue;
    const path = join(folder, name);
    let holder: Partial<Holder>;
    try {
      holder = JSON.parse(readFileSync(path, "utf8")) as Partial<Holder>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      holder = {};
    }
    if (holder.hostname === hostname() && holder.pid !== undefined && !isAlive(holder.pid)) {
      process.stderr.write(`note: removed the lock of process ${holder.pid}, which has died (${path})\n`);
      rmSync(path, { force: true });
      continue;
    }
    const { username = "someone", hostname: host = "unknown", pid = "?", timestamp = "?" } = holder;
    holders.push(`\n  file://${path}: created by ${username}@${host} (pid ${pid}) at ${timestamp}`);
  }
  if (holders.length === 0) return;
  throw new CliError(
    `the stack is currently locked by ${holders.length} lock(s). Either wait for the other process(es) to end or ` +
      `delete the lock file with \`pulumi cancel\`.${holders.join("")}`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    // A process that has ended and was not waited for yet (proc(5)).
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return !existsSync("/proc/self/stat");
  }
}
