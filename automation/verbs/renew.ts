import { z } from "zod";
import { UserError } from "../lib/errors.ts";
import { runningOutputs } from "../lib/running.ts";
import { CallFailed, Server } from "../lib/server.ts";
import { lockServer } from "../lock/server.ts";

const answer = z.object({ did: z.string(), changed: z.boolean() });

/** What the server did about its certificate. */
export interface RenewResult extends z.output<typeof answer> {
  stack: string;
}

/** Seconds that a renewal may take: the authority looks at every name, and may ask to wait. */
const SECONDS = 20 * 60;

/**
 * Renews the certificate of a running stack when it is due, as its timer does; `force` renews it in any case and with
 * a new key (T12, O3), `rehearse` goes through a renewal without changing anything (T11).
 * @throws UserError with the words of the certificate authority and what to do
 */
export async function renew(
  stackName: string,
  options: { force: boolean; rehearse: boolean },
): Promise<RenewResult> {
  const outputs = await runningOutputs(stackName);
  if (!outputs) throw new UserError(`${stackName} is not up.`, `npm run up -- --stack ${stackName}`);
  await lockServer(stackName, "npm run renew");
  try {
    const { did, changed } = await Server.of(outputs).call("renew", options, answer, { seconds: SECONDS });
    return { stack: stackName, did, changed };
  } catch (error) {
    throw error instanceof CallFailed ? explained(stackName, outputs.ssh, error) : error;
  }
}

/** Why there is no renewal, with a remedy for each reason. */
export function explained(stack: string, ssh: string, failed: CallFailed): UserError {
  const { reason, words } = failed;
  if (reason === "timeout")
    return new UserError(
      `The renewal didn't end within ${SECONDS / 60} minutes${words ? `: ${words}` : "."}`,
      "/var/log/ssl-renew.log on the server has what it did; run the same command again.",
    );
  if (reason === "unreachable")
    return new UserError(`${stack} can't be reached: ${words}`, `${ssh} shows more.`);
  if (reason !== "refused") return failed;
  return new UserError(
    words,
    "docs/certificates.md has a runbook; /var/log/ssl-renew.log on the server has every attempt.",
  );
}
