import { hostname } from "node:os";
import { isAlive } from "../lib/files.ts";

/** Who holds the lock of a stack. */
export interface LockHolder {
  /** `alice@vps (pid 7), since 2026-01-01T00:00:00Z`. */
  who: string;
  /** Whether it is a process of this machine that has died. */
  dead: boolean;
  /** The command that removes the lock. */
  cancel: string;
}

/**
 * Reads what the engine and the official CLI say of a lock: `file://…/locks/organization/PROJECT/STACK/ID.json: created
 * by USER@HOST (pid N) at TIME`, on a line of its own.
 */
export function lockHolder(text: string): LockHolder | undefined {
  const match = /(\S+): created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/.exec(text);
  if (!match) return undefined;
  const [, path = "", user, host, pid, since] = match;
  const stack = /\/([^/]+)\/[^/]+\.json$/.exec(path)?.[1] ?? "NAME";
  return {
    who: `${user}@${host} (pid ${pid}), since ${since}`,
    dead: host === hostname() && !isAlive(Number(pid)),
    cancel: `npx pulumi cancel --stack ${stack}`,
  };
}
