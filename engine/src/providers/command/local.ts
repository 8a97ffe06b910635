import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { messageOf } from "../../errors.ts";
import type { Ctx, Props } from "../contract.ts";
import { Collector, previousOutput, textMap } from "./output.ts";
import type { CommandOutput } from "./output.ts";
import { lifecycle } from "./lifecycle.ts";
import { commandResource } from "./resource.ts";
import type { InputShapes } from "./resource.ts";

const shapes: InputShapes = {
  addPreviousOutputInEnv: "boolean",
  create: "string",
  delete: "string",
  dir: "string",
  environment: "textMap",
  interpreter: "texts",
  logging: "string",
  stdin: "string",
  triggers: "list",
  update: "string",
};

/** How a process failed, in the words of the official provider; undefined for success. */
function exitDescription(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal) return `signal: ${signal}`;
  return code === 0 ? undefined : `exit status ${code}`;
}

/** Runs a command by `interpreter` (`/bin/sh -c`) in `dir` (the program's folder). */
function runLocal(
  ctx: Ctx,
  urn: string,
  command: string,
  inputs: Props,
  previous: Props,
): Promise<CommandOutput> {
  const given = Array.isArray(inputs["interpreter"]) ? inputs["interpreter"].map(String) : [];
  const [file, ...args] = [...(given.length > 0 ? given : ["/bin/sh", "-c"]), command];
  const cwd = typeof inputs["dir"] === "string" ? inputs["dir"] : ctx.root;
  const env = { ...process.env, ...textMap(inputs["environment"]), ...previousOutput(inputs, previous) };
  const out = new Collector(ctx, urn, inputs["logging"]);
  return new Promise((resolve, reject) => {
    const end = (reason: string | undefined): void => {
      try {
        resolve(out.finish(reason, command));
      } catch (error) {
        reject(error as Error);
      }
    };
    let child: ChildProcessWithoutNullStreams;
    try {
      child = spawn(file!, args, { cwd, env, signal: ctx.signal, stdio: ["pipe", "pipe", "pipe"] });
    } catch (error) {
      // Arguments and variables that are too long are refused before the process starts.
      return end(`cannot run ${file} in ${cwd}: ${messageOf(error)}`);
    }
    child.stdout.on("data", (chunk: Buffer) => out.add("stdout", chunk));
    child.stderr.on("data", (chunk: Buffer) => out.add("stderr", chunk));
    child.on("error", (error) => end(`cannot run ${file} in ${cwd}: ${error.message}`));
    child.on("close", (code, signal) => end(exitDescription(code, signal)));
    // A command that doesn't read its input closes the pipe early: no error.
    child.stdin.on("error", () => undefined);
    child.stdin.end(typeof inputs["stdin"] === "string" ? inputs["stdin"] : "");
  });
}

/** `command.local.Command` */
export const localCommand = commandResource("command:local:Command", shapes, lifecycle(runLocal));
