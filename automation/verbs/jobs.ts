import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../lib/errors.ts";
import { during } from "../lib/heartbeat.ts";
import { stopIfInterrupted } from "../lib/interrupt.ts";
import { hasFailed, readJobs, type JobStatus } from "../lib/jobs.ts";
import { table } from "../lib/jobs-table.ts";
import { runningOutputs } from "../lib/running.ts";
import { Server } from "../lib/server.ts";
import type { Answer } from "../lib/verb.ts";

/**
 * Shows every job of a stack with its last result and its next run; with a name, `shop/nightly`, runs that one now and waits
 * for its end. The exit code is 1 when a job that was to be run has failed.
 */
export async function jobs(stackName: string, options: { run?: string }): Promise<Answer> {
  const outputs = await runningOutputs(stackName);
  if (!outputs) throw new UserError(`${stackName} is not up.`, `npm run up -- --stack ${stackName}`);
  const server = Server.of(outputs);
  if (options.run === undefined) {
    const found = await readJobs(server);
    return { result: { stack: stackName, jobs: found }, text: () => table(found) };
  }
  const status = await runNow(server, options.run);
  return {
    result: { stack: stackName, jobs: [status] },
    text: () => table([status]),
    code: hasFailed(status) ? 1 : 0,
  };
}

const started = z.object({ started: z.boolean(), runs: z.number() });

/** Milliseconds between two looks at a job that runs. */
const LOOK = 1000;

async function runNow(server: Server, name: string): Promise<JobStatus> {
  const [app = "", job = ""] = name.split("/");
  const known = await readJobs(server);
  const find = (all: JobStatus[]): JobStatus | undefined =>
    all.find((one) => one.app === app && one.job === job);
  if (!find(known))
    throw new UserError(
      `There is no job ${name}.`,
      known.length > 0
        ? `Known here: ${known.map((one) => `${one.app}/${one.job}`).join(", ")}.`
        : "This stack has none: apps.<name>.jobs declares them (docs/jobs.md).",
    );
  const { started: mine, runs } = await server.call("job start", { app, job }, started);
  if (!mine) throw new UserError(`${name} runs already.`, "Wait for its end: npm run jobs shows it.");
  return during(
    () => `${name} runs; it goes on without this command`,
    async () => {
      for (;;) {
        const found = find(await readJobs(server));
        if (!found) throw new UserError(`${name} was removed meanwhile.`, "npm run jobs shows what is left.");
        if (!found.running && (found.result?.runs ?? 0) > runs) return found;
        if (!found.running && found.result?.state === "interrupted") return found;
        stopIfInterrupted();
        await sleep(LOOK);
      }
    },
  );
}
