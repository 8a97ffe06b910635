import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { known, UserError } from "../lib/errors.ts";
import { PROJECT } from "../lib/project-name.ts";
import { LOCAL, ROOT } from "../lib/workspace.ts";
import { lockHolder } from "./holder.ts";

/**
 * Looks whether an engine has the stack's lock, in a backend of files: a plain `pulumi up`, or a run of another checkout
 * that shares the state. Other backends refuse an update themselves.
 * @throws UserError that names who has it, before anything has changed
 */
export function refuseIfLocked(stack: string, state = stateFolder()): void {
  const folder = state && join(state, ".pulumi", "locks", "organization", PROJECT, stack);
  if (!folder || !existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const text = describe(join(folder, name));
    // One whose process has died is the engine's to take away.
    if (text === undefined || lockHolder(text)?.dead) continue;
    const { message, remedy } = known(`the stack is currently locked by 1 lock(s)${text}`)!;
    throw new UserError(`${message} Nothing was changed.`, remedy);
  }
}

/** In the engine's own words. */
function describe(path: string): string | undefined {
  try {
    const lock = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    const { username = "someone", hostname = "unknown", pid = "?", timestamp = "?" } = lock;
    return `\n  file://${path}: created by ${String(username)}@${String(hostname)} (pid ${String(pid)}) at ${String(timestamp)}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Folder of the state; `undefined` for a backend that isn't one. */
function stateFolder(url = process.env.PULUMI_BACKEND_URL): string | undefined {
  if (!url) return join(LOCAL, "state");
  if (!url.startsWith("file://")) return undefined;
  return resolve(ROOT, url.slice("file://".length).replace(/^~(?=\/|$)/, homedir()));
}
