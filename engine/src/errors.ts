import { OFFICIAL_CLI } from "./version.ts";

/** Exit codes of the official CLI. */
export const exit = { error: 1, usage: 2, stackNotFound: 6, noChanges: 7, cancelled: 8 } as const;

/** An error for people: printed as `error: <message>` without a stack trace. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = exit.error) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The failure was already shown (as a diagnostic); only the exit code is left. */
export class BailError extends CliError {}

/** Something that is left to the official CLI. */
export class Refusal extends CliError {
  /** The part that isn't supported, as a noun phrase. */
  readonly what: string;
  constructor(what: string) {
    super(`${what} is not supported by the embedded engine; use ${OFFICIAL_CLI}`, exit.usage);
    this.what = what;
  }
}

/** The refusal of something that only the official CLI does. */
export function unsupported(what: string): Refusal {
  return new Refusal(what);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
