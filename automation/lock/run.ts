import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { identityOf, isAlive } from "../lib/files.ts";
import { LOCAL } from "../lib/workspace.ts";
import { releaseServer } from "./server.ts";
import { refuseIfLocked } from "./stack.ts";

/** Milliseconds in which a run that is just ending, or was just killed, may do so. */
const PATIENCE = 1000;

/** Who runs a verb on a stack of this checkout. */
interface Run {
  who: string;
  host: string;
  pid: number;
  /** See {@link identityOf}. */
  identity?: string;
  /** What was typed: `npm run up`. */
  what: string;
  since: string;
}

/**
 * Runs what changes a stack as the only one: one run of this checkout at a time, from its first word on, and none besides
 * an engine that has the stack's lock. The server's own lock comes later, when it is known where the server is
 * ({@link lockServer}); it is released here, however the work ends. Looking needs none of this.
 * @throws UserError that names who runs, before anything has changed
 */
export async function alone<T>(stack: string, what: string, work: () => Promise<T>): Promise<T> {
  const release = claimRun(stack, what);
  try {
    refuseIfLocked(stack);
    return await work();
  } finally {
    await releaseServer();
    release();
  }
}

/** @returns what ends the claim */
export function claimRun(stack: string, what: string, local = LOCAL): () => void {
  const folder = join(local, "runs");
  const [file, mine] = [join(folder, `${stack}.json`), join(folder, `${stack}.${process.pid}`)];
  const run: Run = {
    who: userInfo().username,
    host: hostname(),
    pid: process.pid,
    identity: identityOf(process.pid),
    what,
    since: new Date().toISOString(),
  };
  mkdirSync(local, { recursive: true, mode: 0o700 });
  mkdirSync(folder, { recursive: true });
  writeFileSync(mine, JSON.stringify(run));
  try {
    for (const end = Date.now() + PATIENCE; !link(mine, file);) refuseUnlessDead(file, stack, end);
  } finally {
    rmSync(mine, { force: true });
  }
  const release = (): void => {
    process.off("exit", release);
    if (isSame(read(file), run)) rmSync(file, { force: true });
    // `down` leaves nothing behind.
    for (const empty of [folder, local]) if (isEmpty(empty)) rmdirSync(empty);
  };
  process.on("exit", release);
  return release;
}

/** A file that appears with its content, or not at all when there is one. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function refuseUnlessDead(file: string, stack: string, end: number): void {
  const run = read(file);
  if (!run) return;
  const here = run.host === hostname();
  if (here && runs(run) && Date.now() < end)
    return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  if (!here || runs(run))
    throw new UserError(
      `${run.what} of ${stack} is running: ${run.who}@${run.host} (pid ${run.pid}), since ${run.since}. Nothing was changed.`,
      `Wait for it, or stop it with Ctrl-C where it runs. If ${here ? "no such process runs" : `${run.host} is gone`}: delete ${file}`,
    );
  // Only one of several that find it moves it away; the next may find the claim of the one that was quicker.
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (!isSame(read(aside), run)) link(aside, file);
    rmSync(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Whether the very process runs that made the claim; after a reboot another one may have its id. */
function runs({ pid, identity }: Run): boolean {
  return isAlive(pid) && (identity === undefined || identity === identityOf(pid));
}

const isSame = (one: Run | undefined, other: Run): boolean =>
  one?.host === other.host && one.pid === other.pid && one.since === other.since;

function read(file: string): Run | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Run;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false;
  }
}
