import { execa } from "execa";
import { z } from "zod";
import { UserError } from "./errors.ts";
import { readOutputs } from "./outputs.ts";
import { openStack, ROOT } from "./workspace.ts";

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
  const [file, ...args] = outputs.ssh.split(" ");
  // Whoever isn't root has sudo for the host tools, and for nothing else.
  const tool = [...(/(^|\s)root@\S+$/.test(outputs.ssh) ? [] : ["sudo", "-n"]), "/usr/local/bin/fairlead"];
  const { exitCode, stdout, stderr } = await execa(
    file!,
    ["-o", "BatchMode=yes", ...args, ...tool, "renew"],
    {
      cwd: ROOT,
      reject: false,
      input: JSON.stringify(options),
      timeout: 20 * 60_000,
    },
  );
  if (exitCode === 0) return { stack: stackName, ...answer.parse(JSON.parse(stdout)) };
  const words = stderr.slice(Math.max(0, stderr.indexOf("fairlead renew: "))).trim();
  throw new UserError(
    words.replace("fairlead renew: ", "") || `${file} ended with ${exitCode}.`,
    "docs/certificates.md has a runbook; /var/log/ssl-renew.log on the server has every attempt.",
  );
}
