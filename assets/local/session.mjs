// What the programs share that keep an SSH session to the host tools open for another process.
import { existsSync, readFileSync } from "node:fs";

/**
 * What a session says that ended without an answer.
 * @param code exit code of `ssh`
 * @param said its standard error
 * @param call such as `hold`
 */
export function ended(code, said, call) {
  const words = said.trim().split("\n").at(-1) || `ssh ended with ${code}`;
  if (code === 255) return { state: "unreachable", words };
  const refusal = new RegExp(`^fairlead ${call}: ([^]*)`, "m").exec(said)?.[1];
  // Tools that are missing, broken, or of a version without this verb.
  return refusal ? { state: "refused", words: refusal.trim() } : { state: "absent", words };
}

/** Whether a process lives. */
export function alive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  try {
    // Ended, and nobody has asked about it yet (proc(5)).
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return !existsSync("/proc/self/stat");
  }
}
