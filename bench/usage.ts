import { readFileSync } from "node:fs";

/** What a process has used so far. */
export interface Usage {
  /** Mebibytes: now, and at most. */
  memory: number;
  peak: number;
  /** Seconds of processor time; unlike the clock, it doesn't count what others do meanwhile. */
  cpu: number;
}

/** What Linux counts (proc(5): VmRSS, VmHWM, utime and stime in hundredths); undefined once the process is gone. */
export function usageOf(pid: number | undefined): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
    // The name of the program stands in parentheses and may hold blanks; utime is the 12th field after it.
    const after = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return {
      memory: field("VmRSS"),
      peak: field("VmHWM"),
      cpu: (Number(after[11]) + Number(after[12])) / 100,
    };
  } catch {
    return undefined;
  }
}
