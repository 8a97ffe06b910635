import { z } from "zod";
import { UserError } from "../lib/errors.ts";
import { during } from "../lib/heartbeat.ts";
import { runningOutputs } from "../lib/running.ts";
import { Server } from "../lib/server.ts";
import type { Answer } from "../lib/verb.ts";

/** What became of the test at each kind of receiver. */
const tested = z.object({
  receivers: z.record(
    z.string(),
    z.object({ sent: z.number(), failed: z.number(), why: z.string().optional() }),
  ),
  seconds: z.number(),
});
export type Tested = z.output<typeof tested>;

/**
 * Sends an alert that is only a test through the whole path: a figure on the server, a rule of Prometheus, Alertmanager, the
 * receivers of critical alerts. Says who got it; the exit code is 1 when somebody didn't.
 */
export async function alert(stackName: string, options: { test?: boolean }): Promise<Answer> {
  if (!options.test)
    throw new UserError("Say what to do.", `npm run alert -- --test --stack ${stackName} sends a test.`);
  const outputs = await runningOutputs(stackName);
  if (!outputs) throw new UserError(`${stackName} is not up.`, `npm run up -- --stack ${stackName}`);
  const found = await during(
    () => "the test is on its way; a figure, a rule and a notification take up to two minutes",
    () => Server.of(outputs).call("alert test", {}, tested),
  );
  const all = Object.values(found.receivers).every(({ sent }) => sent > 0);
  return { result: { stack: stackName, ...found }, text: () => toldWho(found), code: all ? 0 : 1 };
}

/** A line for each kind of receiver. */
export function toldWho({ receivers, seconds }: Tested): string {
  const lines = Object.entries(receivers).map(([kind, { sent, why }]) =>
    sent > 0 ? `${kind}: took the test` : `${kind}: did not take it: ${why ?? "no reason is known"}`,
  );
  return [...lines, `After ${seconds} s. The end of the test is sent too.`].join("\n");
}
