import type { Ctx, Props, Value } from "../contract.ts";

/** What a finished command gave. */
export interface CommandOutput {
  stdout: string;
  stderr: string;
}

const logsStream = (logging: Value | undefined, stream: "stdout" | "stderr"): boolean =>
  logging === undefined || logging === null || logging === stream || logging === "stdoutAndStderr";

/** Collects the two streams of a command, and shows whole lines with the resource unless `logging` says otherwise. */
export class Collector {
  readonly #parts = { stdout: [] as Buffer[], stderr: [] as Buffer[], both: [] as Buffer[] };
  readonly #pending = { stdout: "", stderr: "" };
  readonly #report: (line: string) => void;
  readonly #logging: Value | undefined;

  constructor(ctx: Ctx, urn: string, logging: Value | undefined) {
    this.#report = (line) => ctx.log("status", line, urn);
    this.#logging = logging;
  }

  add(stream: "stdout" | "stderr", chunk: Buffer): void {
    this.#parts[stream].push(chunk);
    this.#parts.both.push(chunk);
    if (!logsStream(this.#logging, stream)) return;
    const lines = (this.#pending[stream] + chunk.toString("utf8")).split("\n");
    this.#pending[stream] = lines.pop() ?? "";
    for (const line of lines) this.#report(line);
  }

  /** @throws the official provider's error: how it ended, the command, and everything it wrote */
  finish(failure: string | undefined, command: string): CommandOutput {
    for (const stream of ["stdout", "stderr"] as const)
      if (this.#pending[stream] !== "") this.#report(this.#pending[stream]);
    const all = (parts: Buffer[]): string => Buffer.concat(parts).toString("utf8");
    if (failure !== undefined)
      throw new Error(`${failure}: running ${JSON.stringify(command)}:\n${all(this.#parts.both)}`);
    const trim = (text: string): string => text.replace(/\n$/, "");
    return { stdout: trim(all(this.#parts.stdout)), stderr: trim(all(this.#parts.stderr)) };
  }
}

/** The last outputs as variables for the next command, unless `addPreviousOutputInEnv` is false. */
export function previousOutput(inputs: Props, outputs: Props): Record<string, string> {
  const env: Record<string, string> = {};
  if (inputs["addPreviousOutputInEnv"] === false) return env;
  const { stdout, stderr } = outputs;
  if (typeof stdout === "string" && stdout !== "") env["PULUMI_COMMAND_STDOUT"] = stdout;
  if (typeof stderr === "string" && stderr !== "") env["PULUMI_COMMAND_STDERR"] = stderr;
  return env;
}

/** A map of text, as environments are. */
export function textMap(value: Value | undefined): Record<string, string> {
  return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
}
