import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** How to start a server program; without ids it runs as the user of the tests. */
export interface Command {
  file: string;
  args: string[];
  uid?: number;
  gid?: number;
  input?: string;
}

/** A server program that the tests start, freeze, kill and start again. */
export class Daemon {
  private child: ChildProcess | undefined;
  private output = "";

  constructor(
    private readonly command: Command,
    private readonly ready: () => Promise<boolean>,
  ) {}

  async start(): Promise<void> {
    const { file, args, uid, gid, input = "" } = this.command;
    const child = spawn(file, args, { uid, gid, stdio: ["pipe", "pipe", "pipe"] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => (this.output += String(text)));
    child.stdin.on("error", () => {}).end(input);
    const end = performance.now() + 20_000;
    while (!(await this.ready())) {
      if (child.exitCode !== null || performance.now() > end) {
        throw new Error(`${file} doesn't come up:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends the program with a signal and waits until it is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  /** Lets the program and its children hang (SIGSTOP) or go on (SIGCONT), connections open. */
  freeze(frozen: boolean): void {
    const pid = this.child?.pid ?? 0;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number);
    for (const each of [pid, ...children]) process.kill(each, frozen ? "SIGSTOP" : "SIGCONT");
  }
}
