import { stripVTControlCharacters } from "node:util";
import { BailError, CliError, messageOf, Refusal } from "../errors.ts";
import type { Bus, Changes, DiagSeverity, Op, Step } from "../events/bus.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { isDefaultProvider, isProviderType, type OperationType, type ResourceState } from "../state/types.ts";
import type { Mask } from "../values/mask.ts";
import type { Names } from "./goal.ts";
import { Semaphore } from "./semaphore.ts";
import { providerError, type Providers } from "./providers.ts";
import type { Targets } from "./targets.ts";

/** What a step changed in the state. */
export interface Change {
  removed?: ResourceState;
  added?: ResourceState;
  /** What the step is counted as, where that differs from its name. */
  result?: Op;
}

export interface RunOptions {
  names: Names;
  preview: boolean;
  /** Steps at a time. */
  parallel: number;
  targets: Targets;
  /** The project's folder, for relative asset paths and source positions. */
  root: string;
  /** Differs between stacks, so that automatic names do. */
  seed: string;
  /** Nothing that exists is touched before. */
  allowed?: Promise<void> | undefined;
}

/** One operation on a stack, with what all its parts share. */
export class Run {
  readonly options: RunOptions;
  readonly bus: Bus;
  readonly snapshot: Snapshot;
  readonly providers: Providers;
  readonly mask: Mask;
  /** The old state by URN, without replaced resources that are still to be deleted. */
  readonly olds = new Map<string, ResourceState>();
  /** The old state in its order. */
  base: ResourceState[] = [];
  /** The new states of this run, by URN. */
  readonly news = new Map<string, ResourceState>();
  readonly changes: Changes = {};
  failed = false;
  /** URNs of what an earlier run was updating or deleting when it died. */
  readonly interrupted = new Set<string>();
  /** What the program or the state has and this engine refuses. */
  readonly refusals: Refusal[] = [];
  readonly #semaphore: Semaphore;
  #onStop: (() => void)[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopping = false;

  constructor(options: RunOptions, bus: Bus, snapshot: Snapshot, providers: Providers, mask: Mask) {
    this.options = options;
    this.bus = bus;
    this.snapshot = snapshot;
    this.providers = providers;
    this.mask = mask;
    this.#semaphore = new Semaphore(options.parallel);
    this.setBase(snapshot.current().resources);
  }

  setBase(resources: ResourceState[]): void {
    this.base = resources;
    this.olds.clear();
    for (const state of resources) {
      if (!state.delete) this.olds.set(state.urn, state);
      if (isProviderType(state.type)) this.providers.add(state);
    }
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** No further step begins; running ones finish. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const listener of this.#onStop) listener();
  }

  onStop(listener: () => void): void {
    this.#onStop.push(listener);
  }

  diag(severity: DiagSeverity, message: string, urn?: string, ephemeral = false): void {
    const text = this.mask.apply(stripVTControlCharacters(message));
    const event = { kind: "diag" as const, severity, message: text.endsWith("\n") ? text : `${text}\n` };
    this.bus.emit({ ...event, ...(urn ? { urn } : {}), ...(ephemeral ? { ephemeral } : {}) });
    if (severity === "error") this.failed = true;
  }

  /** Shows an error with its resource and stops the run. */
  fail(error: unknown, urn?: string): BailError {
    if (error instanceof BailError) return error;
    const cause = providerError(error);
    if (cause instanceof Refusal) this.refusals.push(cause);
    this.diag("error", cause.message, urn);
    this.stop();
    return new BailError(messageOf(error));
  }

  /** Runs a step, at most `parallel` at a time. It is reported and recorded before and after. */
  async step(
    step: Step,
    operation: OperationType | undefined,
    subject: ResourceState,
    work: () => Promise<Change>,
  ): Promise<void> {
    if (operation) await this.options.allowed;
    await this.#semaphore.run(async () => {
      if (this.#stopping) throw new BailError("stopped");
      const running = this.#perform(step, operation, subject, work);
      this.#running.add(running);
      await running.finally(() => this.#running.delete(running));
    });
  }

  /** Resolves when no step is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #perform(
    step: Step,
    operation: OperationType | undefined,
    subject: ResourceState,
    work: () => Promise<Change>,
  ): Promise<void> {
    this.bus.emit({ kind: "pre", step });
    if (operation) await this.snapshot.begin(operation, subject);
    let change: Change;
    try {
      change = await work();
    } catch (error) {
      await this.snapshot.end(subject, error instanceof RecordedError ? error.change : {});
      const cause = error instanceof RecordedError ? error.cause : error;
      this.bus.emit({ kind: "failed", step });
      throw this.fail(cause, step.urn);
    }
    if (operation) await this.snapshot.end(subject, change);
    else await this.snapshot.replace(change);
    this.reportFinished(step, change.result);
  }

  /** Counts and reports a finished step. Components are reported when their outputs are registered. */
  reportFinished(step: Step, result: Op = step.op): void {
    const counts = step.logical || step.op === "replace";
    if (counts && !isDefaultProvider(step.urn)) this.changes[result] = (this.changes[result] ?? 0) + 1;
    const deferred = step.new && !step.new.custom && step.op !== "refresh";
    if (!deferred) this.bus.emit({ kind: "outputs", step, result });
  }
}

/** A step failed but changed something that must be recorded. */
export class RecordedError extends CliError {
  readonly change: Change;
  override readonly cause: unknown;
  constructor(cause: unknown, change: Change) {
    super(messageOf(cause));
    this.cause = cause;
    this.change = change;
  }
}
