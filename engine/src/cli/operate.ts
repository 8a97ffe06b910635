import { BailError, CliError, exit } from "../errors.ts";
import { startBehindLook } from "../deploy/behindLook.ts";
import { start, type Operation, type Outcome } from "../deploy/operation.ts";
import { previewJson } from "../display/previewJson.ts";
import { reporters } from "../display/reporters.ts";
import { Bus } from "../events/bus.ts";
import { eventLog } from "../events/log.ts";
import type { ConfigEntry, StackConfig } from "../project/config.ts";
import type { Workspace } from "../project/workspace.ts";
import type { Crypter } from "../secrets/crypter.ts";
import type { StackRef } from "../state/backend.ts";
import { lock } from "../state/lock.ts";
import { loadState, stateWriter } from "../state/store.ts";
import { stackOf, type Context } from "./context.ts";
import { interruptedEarly, Interrupts } from "./interrupts.ts";
import { recordUpdate } from "./record.ts";
import { prompt } from "./prompt.ts";
import type { Flags } from "./flags.ts";

/** What the command line asks for. */
export interface Request {
  kind: Operation["kind"];
  previewOnly: boolean;
  refreshFirst: boolean;
}

interface Job {
  context: Context;
  request: Request;
  flags: Flags;
  workspace: Workspace;
  ref: StackRef;
  config: StackConfig;
  entries: Record<string, ConfigEntry>;
  crypter: Crypter | undefined;
  interrupts: Interrupts;
}

/** Runs preview, up, refresh or destroy for the command line. */
export async function operate(context: Context, request: Request, flags: Flags): Promise<void> {
  if (!request.previewOnly && !flags.yes && !context.interactive) {
    throw new CliError(
      "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode",
      exit.usage,
    );
  }
  const { workspace, ref } = stackOf(context, flags.stack);
  const config = workspace.config(ref, flags.configFile);
  const needed = config.hasSecrets || !request.previewOnly;
  const crypter = needed ? await workspace.crypter(ref, config) : undefined;
  const entries = config.entries(crypter);
  const interrupts = new Interrupts();
  const job: Job = { context, request, flags, workspace, ref, config, entries, crypter, interrupts };
  try {
    if (request.previewOnly) return void (await preview(job));
    const release = lock(workspace.backend, ref);
    try {
      if (!flags.skipPreview) await previewAndAsk(job);
      await performUpdate(job);
    } finally {
      release();
    }
  } finally {
    interrupts.end();
  }
}

async function operation(job: Job, bus: Bus, previewing: boolean): Promise<Operation> {
  const { request, flags, workspace, ref, entries, crypter, config, context } = job;
  const parallel = Number(flags.parallel);
  if (!Number.isInteger(parallel) || parallel < 1) {
    throw new CliError(`--parallel: expected a whole number from 1, found "${flags.parallel}"`, exit.usage);
  }
  const deployment = await loadState(workspace.backend, ref, (salt) => workspace.open(ref, salt));
  return {
    kind: request.kind,
    preview: previewing,
    refreshFirst: request.refreshFirst,
    parallel,
    targets: flags.target ?? [],
    targetDependents: flags.targetDependents ?? false,
    clearPendingCreates: flags.clearPendingCreates ?? false,
    project: workspace.project,
    stack: ref.name,
    config: entries,
    packages: await context.packages(),
    bus,
    deployment: { ...deployment, ...(config.salt ? { salt: config.salt } : {}) },
    write: stateWriter(workspace.backend, ref, crypter),
  };
}

async function runAndReport(job: Job, previewing: boolean): Promise<Outcome> {
  const { context, request, flags, ref } = job;
  const bus = new Bus();
  const work = await operation(job, bus, previewing);
  const json = previewing && flags.json ? previewJson(performance.now()) : undefined;
  let log: ReturnType<typeof eventLog> | undefined;
  const report = (): void => {
    if (json) bus.listen(json.listen);
    else {
      reporters(bus, context.print, {
        kind: request.kind,
        preview: previewing,
        stack: ref.name,
        diff: flags.diff ?? false,
        live: context.interactive,
        showSecrets: flags.showSecrets ?? false,
      });
    }
    log = flags.eventLog && previewing === request.previewOnly ? eventLog(flags.eventLog) : undefined;
    if (log) bus.listen(log.listener);
  };
  const outcome = await (request.kind === "update" && !previewing && flags.skipPreview
    ? runBehindLook(job, work, report)
    : runWith(job, work, report));
  await log?.close();
  if (json) context.print(JSON.stringify(json.digest(), null, 4));
  return outcome;
}

async function runWith(job: Job, work: Operation, report: () => void): Promise<Outcome> {
  report();
  return job.interrupts.run(() => start(work));
}

/**
 * Without a preview, something unsupported would be found in the middle of the update.
 * @throws CliError for what is refused, and for an interrupt before anything has changed
 */
async function runBehindLook(job: Job, work: Operation, report: () => void): Promise<Outcome> {
  const look = { ...(await operation(job, new Bus(), true)), refreshFirst: false };
  const { refusals, interrupted, outcome } = await job.interrupts.run(() =>
    startBehindLook(work, look, report),
  );
  if (outcome) return outcome;
  if (interrupted) throw interruptedEarly();
  throw new CliError(refusals.map(({ message }) => message).join("\n"), exit.usage);
}

async function preview(job: Job): Promise<void> {
  throwUnlessSucceeded(job, await runAndReport(job, true));
}

async function previewAndAsk(job: Job): Promise<void> {
  const { context, flags, request, ref } = job;
  throwUnlessSucceeded(job, await runAndReport(job, true), false);
  if (flags.yes) return;
  const verb = request.kind === "update" ? "update" : request.kind;
  const answer = await prompt(`\nDo you want to perform this ${verb} of ${ref.name}? (yes/no) `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new CliError(`confirmation declined, not proceeding with the ${verb}`, exit.cancelled);
  context.print("");
}

async function performUpdate(job: Job): Promise<void> {
  const { workspace, ref, config, request, flags, context } = job;
  const startTime = Math.floor(Date.now() / 1000);
  const outcome = await runAndReport(job, false);
  const { refusals, changes } = outcome.run;
  const refused = refusals.length > 0 && Object.keys(changes).length === 0;
  if (!refused) {
    recordUpdate(workspace.backend, ref, config, {
      kind: request.kind,
      message: flags.message ?? "",
      execKind: flags.execKind ?? "cli",
      start: startTime,
      failed: outcome.failed,
      changes,
    });
  }
  throwUnlessSucceeded(job, outcome);
  if (request.kind !== "destroy") return;
  context.print(
    "\nThe resources in the stack have been deleted, but the history and configuration associated with the stack are " +
      `still maintained. \nIf you want to remove the stack completely, run \`pulumi stack rm ${ref.name}\`.`,
  );
}

function throwUnlessSucceeded(job: Job, { failed, interrupted, run }: Outcome, last = true): void {
  if (interrupted) throw new BailError("interrupted", exit.cancelled);
  if (failed) throw new BailError("failed", run.refusals.length > 0 ? exit.usage : exit.error);
  const changed = Object.entries(run.changes).some(([op, count]) => op !== "same" && count > 0);
  if (last && job.flags.expectNoChanges && changed) {
    throw new CliError("no changes were expected but changes occurred", exit.noChanges);
  }
}
