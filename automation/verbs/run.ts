import { z } from "zod";
import { WEB } from "../../config/processes.ts";
import { UserError } from "../lib/errors.ts";
import { Server } from "../lib/server.ts";
import { servingRelease } from "../lib/serving.ts";

/** Where a command of a person runs. */
export interface Place {
  stack: string;
  app: string;
  process?: string;
}

const named = z.object({ name: z.string() });

/**
 * Runs a command in a container of its own, like those of the release that serves; interactive at a terminal.
 * @returns its exit code
 */
export async function runOneOff(
  { stack, app, process: kind }: Place,
  command: string[],
  signal: AbortSignal,
): Promise<number> {
  const { outputs, release } = await servingRelease(stack, app);
  const server = Server.of(outputs);
  const terminal = isTerminal();
  const input = { app, release, process: kind, command, terminal, stdin: true };
  const { name } = await server.call("one-off create", input, named);
  try {
    return await server.terminal(["docker", "start", "--attach", "--interactive", name], terminal, signal);
  } finally {
    await server.call("one-off end", { name }, named);
  }
}

/**
 * Runs a command inside a running container of the release that serves; interactive at a terminal.
 * @returns its exit code
 * @throws UserError when none runs
 */
export async function runInside(
  { stack, app, process: kind }: Place,
  command: string[],
  signal: AbortSignal,
): Promise<number> {
  const { outputs, release } = await servingRelease(stack, app);
  const server = Server.of(outputs);
  const filters = [`label=service=${app}`, `name=^/?${release}(-|$)`].flatMap((one) => ["--filter", one]);
  const listed = await server.docker(["ps", "--format", '{{.Names}} {{.Label "process"}}', ...filters]);
  const found = listed.split("\n").map((line) => line.split(" "));
  const [container] = found
    .flatMap(([name, label]) => (name && (kind ?? (label || WEB)) === (label || WEB) ? [name] : []))
    .sort();
  if (container === undefined)
    throw new UserError(
      `No container of ${release}${kind === undefined ? "" : `, process ${kind},`} runs.`,
      `npm run logs -- --app ${app} shows why; npm run run starts a container of its own.`,
    );
  const terminal = isTerminal();
  const flags = ["--interactive", ...(terminal ? ["--tty"] : [])];
  return server.terminal(["docker", "exec", ...flags, container, ...command], terminal, signal);
}

/** Both sides must be one: a program that reads the output gets it as it is. */
const isTerminal = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true;
