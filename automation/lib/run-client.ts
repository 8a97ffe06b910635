import { createInterface } from "node:readline";
import { execa } from "execa";
import { ROOT } from "./workspace.ts";

/** What a program on the server printed, and how it ended; `exitCode` is missing when it never ran or was stopped. */
export interface Ended {
  exitCode?: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** Seconds that a question to the server may take, unless its caller knows better. */
export const SECONDS = 120;
/** Bytes that an answer may have: a look at many containers and all packages is long. */
const LARGEST = 256 * 1024 ** 2;

/** Runs a client such as `ssh` in the project's folder, to which the paths of keys are relative. */
export async function runClient(
  file: string,
  args: string[],
  { input, seconds = SECONDS }: { input?: string; seconds?: number },
): Promise<Ended> {
  const child = execa(file, args, { cwd: ROOT, input, reject: false, maxBuffer: LARGEST });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill();
    // Where connections are shared, another process has these open until the remote program ends.
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  }, seconds * 1000);
  const { exitCode, stdout, stderr } = await child;
  clearTimeout(timer);
  return { exitCode, stdout: stdout ?? "", stderr: stderr ?? "", timedOut };
}

/**
 * Runs a client with the terminal, or whatever else input and output of this process are.
 * @returns the exit code, as a shell says it
 */
export async function runInForeground(
  file: string,
  args: string[],
  cancelSignal: AbortSignal,
): Promise<number> {
  const options = { cwd: ROOT, stdio: "inherit", reject: false, cancelSignal } as const;
  const { exitCode, signal } = await execa(file, args, options);
  return exitCode ?? (signal === "SIGINT" ? 130 : 1);
}

/** Runs a client that answers line by line, and keeps its input open until it ends. */
export async function runLines(
  file: string,
  args: string[],
  input: string,
  onLine: (line: string) => void,
  cancelSignal: AbortSignal,
): Promise<Ended> {
  const options = {
    cwd: ROOT,
    reject: false,
    stdin: "pipe",
    buffer: { stdout: false },
    cancelSignal,
  } as const;
  const child = execa(file, args, options);
  child.stdin.write(`${input}\n`);
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) onLine(line);
  const { exitCode, stderr } = await child;
  return { exitCode, stdout: "", stderr: stderr ?? "", timedOut: false };
}
