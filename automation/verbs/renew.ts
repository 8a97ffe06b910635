import { execa } from "execa";
import { z } from "zod";
import { readAnswer } from "../lib/answer.ts";
import { UserError } from "../lib/errors.ts";
import { lockServer } from "../lock/server.ts";
import { readOutputs } from "../lib/outputs.ts";
import { openStack, ROOT } from "../lib/workspace.ts";

const answer = z.object({ did: z.string(), changed: z.boolean() });

/** What the server did about its certificate. */
export interface RenewResult extends z.output<typeof answer> {
  stack: string;
}

/**
 * Renews the certificate of a running stack when it is due, as its timer does; `force` renews it in any case and with
 * a new key (T12, O3), `rehearse` goes through a renewal without changing anything (T11).
 * @throws UserError with the words of the certificate authority and what to do
 */
export async function renew(
  stackName: string,
  options: { force: boolean; rehearse: boolean },
): Promise<RenewResult> {
  const outputs = readOutputs(await (await openStack(stackName)).outputs());
  if (!outputs) throw new UserError(`${stackName} is not up.`, `npm run up -- --stack ${stackName}`);
  await lockServer(stackName, "npm run renew");
  const [file, ...args] = outputs.ssh.split(" ");
  // Whoever isn't root has sudo for the host tools, and for nothing else.
  const tool = [...(/(^|\s)root@\S+$/.test(outputs.ssh) ? [] : ["sudo", "-n"]), "/usr/local/bin/fairlead"];
  const ended = await execa(file!, ["-o", "BatchMode=yes", ...args, ...tool, "renew"], {
    cwd: ROOT,
    reject: false,
    input: JSON.stringify(options),
    timeout: MINUTES * 60_000,
  });
  if (ended.exitCode === 0) return { stack: stackName, ...answer.parse(readAnswer(ended.stdout)) };
  throw failure(stackName, outputs.ssh, ended);
}

/** How long a renewal may take: the authority looks at every name, and may ask to wait. */
const MINUTES = 20;
/** What `ssh` ends with when it didn't get through, or lost its connection (ssh(1)). */
const SSH_FAILED = 255;

/** Why there is no renewal, in the words of whoever said so. */
export function failure(
  stack: string,
  ssh: string,
  { exitCode, stderr, timedOut }: { exitCode?: number; stderr: string; timedOut: boolean },
): UserError {
  const start = stderr.indexOf("fairlead renew: ");
  const words = stderr.slice(Math.max(0, start)).replace("fairlead renew: ", "").trim();
  if (timedOut)
    return new UserError(
      `The renewal didn't end within ${MINUTES} minutes${words ? `: ${words}` : "."}`,
      "/var/log/ssl-renew.log on the server has what it did; run the same command again.",
    );
  if (start < 0 && (exitCode === undefined || exitCode === SSH_FAILED))
    return new UserError(`${stack} can't be reached: ${words || "ssh gave no reason"}`, `${ssh} shows more.`);
  return new UserError(
    words || `fairlead renew ended with ${exitCode}.`,
    "docs/certificates.md has a runbook; /var/log/ssl-renew.log on the server has every attempt.",
  );
}
