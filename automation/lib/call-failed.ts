import type { z } from "zod";
import { UserError } from "./errors.ts";
import type { Ended } from "./run-client.ts";

/** Why a call has no answer. */
export type Reason = "unreachable" | "timeout" | "outdated" | "refused" | "unexpected";

/** A call on a server that failed; `words` are the server's own, or those of the `ssh` client. */
export class CallFailed extends UserError {
  constructor(
    readonly reason: Reason,
    readonly words: string,
    message: string,
    remedy: string,
  ) {
    super(message, remedy);
  }
}

/** What `ssh` ends with when it didn't get through, or lost its connection (ssh(1)). */
export const SSH_FAILED = 255;

/** What scp says after the reason. */
const AFTERWARDS = /^scp: Connection closed|^lost connection/;

/** Why a call failed, in the server's own words. */
export function failure(
  call: string,
  { exitCode, stderr, timedOut }: Pick<Ended, "exitCode" | "stderr" | "timedOut">,
  { seconds, command }: { seconds: number; command: string },
): CallFailed {
  // A banner of the login may stand before what the tools say.
  const start = stderr.indexOf(`fairlead ${call}: `);
  const words = start < 0 ? stderr.trim() : stderr.slice(start + `fairlead ${call}: `.length).trim();
  const last =
    words
      .split("\n")
      .filter((line) => !AFTERWARDS.test(line))
      .at(-1) ?? "";
  if (timedOut)
    return new CallFailed(
      "timeout",
      words,
      `The server didn't answer ${call} within ${seconds} s.`,
      `Look what it is doing: ${command}`,
    );
  if (start < 0 && (exitCode === undefined || exitCode === SSH_FAILED)) {
    const reason = last || "ssh gave no reason";
    return new CallFailed(
      "unreachable",
      reason,
      `The server can't be reached: ${reason}`,
      `${command} shows more.`,
    );
  }
  if (/^usage: /m.test(words))
    return new CallFailed(
      "outdated",
      last,
      "The tools on the server are older than this project.",
      "npm run up renews them.",
    );
  const said = words || `exit code ${exitCode}`;
  return new CallFailed("refused", said, `${call}: ${said}`, `Look at the server: ${command}`);
}

/** Only the place that is wrong: the value may be a secret. */
export function unexpected(call: string, { issues }: z.ZodError): CallFailed {
  const [first] = issues;
  const place = first && first.path.length > 0 ? first.path.join(".") : "the answer";
  return new CallFailed(
    "unexpected",
    place,
    `The server's tools answered ${call} with something unexpected: ${place} is not what this project expects.`,
    "The tools are of another version: npm run up brings them to this one.",
  );
}
