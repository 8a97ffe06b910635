import { BailError, CliError, messageOf } from "../errors.ts";
import type { Bus } from "../events/bus.ts";
import type { Ctx, Props } from "../providers/contract.ts";
import { engineMethods } from "../protocol/engineService.ts";
import { Monitor } from "../protocol/monitor.ts";
import { startProgram, type Program } from "../protocol/program.ts";
import { EngineService, ResourceMonitorService } from "../protocol/protos.ts";
import { handlers, serve } from "../protocol/server.ts";
import type { ConfigEntry } from "../project/config.ts";
import type { Project } from "../project/project.ts";
import { Snapshot, type Write } from "../state/snapshot.ts";
import { isDefaultProvider, isProviderType, type Deployment } from "../state/types.ts";
import { Mask } from "../values/mask.ts";
import { deleteAll, resourcesToDelete } from "./deletions.ts";
import { recoverPendingOperations } from "./pendingOperations.ts";
import { Providers, type Packages } from "./providers.ts";
import { refresh } from "./refresh.ts";
import { Run } from "./run.ts";
import { Targets } from "./targets.ts";

export interface Operation {
  kind: "update" | "refresh" | "destroy";
  preview: boolean;
  /** Refresh before the update or destruction. */
  refreshFirst: boolean;
  parallel: number;
  targets: readonly string[];
  targetDependents: boolean;
  clearPendingCreates: boolean;
  project: Project;
  stack: string;
  deployment: Deployment;
  config: Readonly<Record<string, ConfigEntry>>;
  packages: Packages;
  bus: Bus;
  write: Write;
  /** Nothing that exists is touched before. */
  allowed?: Promise<void>;
}

/** One running operation. `interrupt`: the first lets running steps finish, the second doesn't. */
export interface Handle {
  done: Promise<Outcome>;
  interrupt: () => void;
  /** Begins no further step, and says nothing. */
  stop: () => void;
}

export interface Outcome {
  failed: boolean;
  interrupted: boolean;
  run: Run;
}

/** Runs an update, refresh or destruction, or its preview. */
export function start(operation: Operation): Handle {
  const abort = new AbortController();
  const mask = new Mask();
  for (const { value, secret, object } of Object.values(operation.config)) {
    if (secret) mask.learnAll((object as Props | undefined) ?? value);
  }
  let diag: Run["diag"] = () => undefined;
  const base: Ctx = {
    project: operation.project.name,
    stack: operation.stack,
    root: operation.project.root,
    log: (severity, message, urn) => {
      if (severity === "status") diag("info", message, urn, true);
      else diag(severity, message, urn);
    },
    signal: abort.signal,
  };
  const snapshot = new Snapshot(operation.deployment, operation.preview ? undefined : operation.write);
  const providers = new Providers(operation.packages, base);
  const { preview, parallel, targets, targetDependents, project, stack } = operation;
  const options = {
    preview,
    parallel,
    targets: new Targets(targets, targetDependents),
    root: project.root,
    names: { stack, project: project.name },
    seed: operation.deployment.salt ?? "",
    allowed: operation.allowed,
  };
  const run = new Run(options, operation.bus, snapshot, providers, mask);
  diag = run.diag.bind(run);
  let interrupts = 0;
  const interrupt = (): void => {
    interrupts++;
    run.diag(interrupts === 1 ? "info" : "warning", interrupts === 1 ? GRACEFUL : "stopping at once");
    run.failed = true;
    run.stop();
    if (interrupts > 1) abort.abort(new CliError("interrupted"));
  };
  const done = perform(operation, run).then((failed) => ({ failed, interrupted: interrupts > 0, run }));
  const stop = (): void => {
    run.failed = true;
    run.stop();
  };
  return { done, interrupt, stop };
}

const GRACEFUL = "interrupted: waiting for the running steps to end; interrupt again to stop at once";

async function perform(operation: Operation, run: Run): Promise<boolean> {
  const started = performance.now();
  const { bus, config, kind, preview } = operation;
  const shown = Object.entries(config).map(
    ([key, { value, secret }]) => [key, secret ? "[secret]" : value] as const,
  );
  bus.emit({ kind: "prelude", config: Object.fromEntries(shown) });
  let supported = false;
  try {
    await refuseUnsupported(run);
    supported = true;
    if (operation.refreshFirst || operation.deployment.pendingOperations.length > 0) await operation.allowed;
    if (operation.clearPendingCreates) run.snapshot.clearPendingOperations(true);
    else await recoverPendingOperations(run, operation.deployment.pendingOperations);
    if (kind === "refresh" || operation.refreshFirst) await refresh(run);
    if (kind !== "refresh") for (const op of Object.keys(run.changes)) delete run.changes[op as "same"];
    if (kind === "update" && !run.stopping) await runProgram(operation, run);
    if (kind === "update" && !run.failed) await deleteAll(run, resourcesToDelete(run));
    if (kind === "destroy" && !run.failed) await deleteAll(run, run.options.targets.deletions(run.base));
  } catch (error) {
    run.fail(error);
  }
  await run.providers.close();
  await operation.allowed;
  try {
    // A refused state isn't written at all.
    if (supported) await run.snapshot.close();
  } catch (error) {
    run.diag("error", messageOf(error));
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  const result = run.failed ? "failed" : "succeeded";
  bus.emit({ kind: "summary", changes: run.changes, seconds, preview, result });
  bus.emit({ kind: "cancel" });
  return run.failed;
}

/** Everything in the state must be something that this engine can manage: refused before anything changes. */
async function refuseUnsupported(run: Run): Promise<void> {
  for (const state of run.base) {
    if (!state.custom || isDefaultProvider(state.urn)) continue;
    if (isProviderType(state.type)) run.providers.packageOf(state);
    else await run.providers.assertSupported(state);
  }
}

async function runProgram(operation: Operation, run: Run): Promise<void> {
  const entries = Object.entries(operation.config);
  const config = Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
  const monitor = new Monitor(run, config);
  const server = await serve([
    [ResourceMonitorService, handlers(monitor.methods())],
    [EngineService, handlers(engineMethods(run))],
  ]);
  let program: Program | undefined;
  try {
    // Inside the try: a start that fails (no memory, too many arguments) must not leave the server running, which would
    // keep this process alive.
    program = startProgram({
      project: operation.project,
      stack: operation.stack,
      monitor: server.address,
      engine: server.address,
      preview: operation.preview,
      parallel: operation.parallel,
      config,
      secretKeys: entries.filter(([, { secret }]) => secret).map(([key]) => key),
      onLine: (line) => run.diag("info", line),
    });
    const stopped = new Promise<"stopped">((resolve) => run.onStop(() => resolve("stopped")));
    const ended = await Promise.race([program.done, stopped]);
    if (ended === "stopped") await run.idle();
    else if (ended !== undefined) {
      if (ended !== "") run.diag("error", ended);
      run.failed = true;
      run.stop();
      await run.idle();
    }
  } finally {
    program?.kill();
    server.close();
  }
  if (run.failed) throw new BailError("the program failed");
}
