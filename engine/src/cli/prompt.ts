import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CliError, exit } from "../errors.ts";

/** Asks a question at the terminal, on stderr so that stdout stays machine-readable. */
export function prompt(question: string): Promise<string> {
  return ask(question, process.stderr);
}

/** Asks for a value that isn't shown while it is typed. */
export async function promptHidden(question: string): Promise<string> {
  process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await ask("", silent);
  process.stderr.write("\n");
  return answer;
}

function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
  return new Promise((resolve, reject) => {
    const stop = (): void => lines.close();
    process.on("SIGINT", stop);
    lines.on("close", () => {
      process.off("SIGINT", stop);
      reject(new CliError("nothing was entered", exit.cancelled));
    });
    lines.on("SIGINT", stop);
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}

/** All of stdin, for values that are piped in. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
