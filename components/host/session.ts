import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { assetPath } from "../lib/assets.ts";

/**
 * Starts a program of `assets/local` that keeps an SSH session open after this process has ended, and reads its one answer.
 * @param message what it needs, in one line of JSON
 */
export function startSession<Answer>(script: string, message: object): Promise<Answer> {
  const child = spawn(process.execPath, [assetPath(`local/${script}`)], {
    // Its standard error would keep ours open, and the engine waits for that to end.
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  child.stdin.end(`${JSON.stringify(message)}\n`);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`${script} ended with ${code}`)));
    createInterface({ input: child.stdout }).once("line", (line) => {
      child.removeAllListeners("exit");
      child.unref();
      child.stdout.destroy();
      done(JSON.parse(line) as Answer);
    });
  });
}
