import { BailError, CliError } from "../errors.ts";
import type { DiffResult } from "../providers/contract.ts";
import { isProviderType, parseReference, type ResourceState } from "../state/types.ts";
import { check } from "./check.ts";
import { dependentReplacements } from "./dependents.ts";
import { ignoreChanges, plainDiff, replaceOnChanges } from "./diff.ts";
import { aliasUrns, makeUrn, stateFor, type Goal } from "./goal.ts";
import { Limit } from "./semaphore.ts";
import { diffResource, type Bound } from "./providers.ts";
import type { Run } from "./run.ts";
import { create, remove, replace, same, update, type Removal, type Why } from "./steps.ts";

/** The answer to a registration; `skipped`: a new resource that isn't among the targets. */
export interface Registered {
  state: ResourceState;
  skipped: boolean;
}

type Act = () => Promise<void>;

/** Decides, one registration at a time, what has to happen to each resource. */
export class Planner {
  readonly #run: Run;
  readonly #serial = new Limit(1);
  readonly #aliases = new Map<string, string[]>();
  readonly #skipped = new Set<string>();
  /** Replacements whose old half is deleted later: when the new half is there. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** Deletions that have begun. */
  readonly #going = new Map<ResourceState, Promise<void>>();
  /** Deleted before their registration came: the deletion, and the properties that were the reason. */
  readonly #deleted = new Map<string, { gone: Promise<void>; keys: string[] }>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Brings one resource to what the program wants. Resolves when that is done and recorded. */
  async register(goal: Goal): Promise<Registered> {
    const run = this.#run;
    const urn = makeUrn(run.options.names, goal.parent, goal.type, goal.name);
    try {
      const { next, act } = await this.#serial.run(() => this.#plan(goal, urn));
      await act?.();
      return { state: next, skipped: act === undefined };
    } catch (error) {
      throw run.fail(error, urn);
    }
  }

  async #plan(goal: Goal, urn: string): Promise<{ next: ResourceState; act: Act | undefined }> {
    const run = this.#run;
    if (run.stopping) throw new BailError("stopped");
    if (run.news.has(urn)) throw new CliError(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    const old = this.#findOld(goal, urn);
    const { inputs } = goal;
    const next = stateFor(goal, urn, old);
    run.mask.learn(inputs);
    if (!run.options.targets.includes(next)) return { next, act: this.#untargeted(old, next) };
    this.#refuseSkipped(next);
    const bound = goal.custom && !isProviderType(goal.type) ? await run.providers.bind(next) : undefined;
    const deleted = this.#deleted.get(urn);
    const kept = deleted ? undefined : old;
    const wanted = kept ? ignoreChanges(inputs, kept.inputs, goal.ignoreChanges) : inputs;
    next.inputs = await check(run, bound, next, wanted, kept?.inputs, old?.id ?? "");
    run.news.set(urn, next);
    if (!old) return { next, act: () => create(run, bound, next, undefined) };
    if (deleted) return { next, act: () => this.#recreate(deleted, bound, old, next) };
    const diff = await this.#diff(bound, old, next);
    const act = await this.#actOn(diff, bound, old, next, goal);
    return { next, act };
  }

  #findOld(goal: Goal, urn: string): ResourceState | undefined {
    const run = this.#run;
    const urns = aliasUrns(goal, run.options.names, this.#aliases.get(goal.parent) ?? []);
    this.#aliases.set(urn, urns);
    const direct = run.olds.get(urn);
    if (direct) return direct;
    const alias = urns.find((u) => run.olds.has(u) && !run.news.has(u));
    if (alias === undefined) return undefined;
    const old = run.olds.get(alias);
    // From here on the old state answers to its new name, and so do the references to it.
    run.snapshot.rename(alias, urn);
    run.olds.delete(alias);
    return old;
  }

  #untargeted(old: ResourceState | undefined, next: ResourceState): Act | undefined {
    if (!old) {
      this.#skipped.add(next.urn);
      return undefined;
    }
    this.#run.news.set(next.urn, next);
    Object.assign(next, { ...old, urn: next.urn });
    return () => same(this.#run, old, next);
  }

  #refuseSkipped(next: ResourceState): void {
    const missing = next.dependencies.find((urn) => this.#skipped.has(urn));
    if (missing === undefined) return;
    throw new CliError(
      `Resource '${next.urn}' depends on '${missing}' which was not specified in --target list and doesn't exist yet`,
    );
  }

  async #diff(bound: Bound | undefined, old: ResourceState, next: ResourceState): Promise<DiffResult> {
    const initErrors = (old.initErrors ?? []).length > 0;
    const interrupted = this.#run.interrupted.has(old.urn);
    let diff: DiffResult;
    if (bound) diff = await diffResource(bound, old, next.inputs, next.ignoreChanges ?? []);
    else diff = plainDiff(old.inputs, next.inputs);
    if (isProviderType(next.type) && diff.changes === "some") {
      const { replaces } = await this.#run.providers.packageOf(next).diffConfig(old.inputs, next.inputs);
      diff = { ...diff, replaces };
    }
    if (
      old.provider &&
      next.provider &&
      old.provider !== next.provider &&
      (await this.#providerReplaces(old, next))
    ) {
      diff = {
        ...diff,
        changes: "some",
        replaces: [...diff.replaces, "provider"],
        diffs: [...diff.diffs, "provider"],
      };
    }
    if (old.taint) diff = { ...diff, changes: "some", replaces: [...diff.replaces, "#taint"] };
    diff = replaceOnChanges(diff, next.replaceOnChanges ?? [], initErrors);
    // Unchanged, but it failed to initialise or its update was cut off: its provider has to look at it again.
    return (initErrors || interrupted) && diff.changes === "none" ? { ...diff, changes: "some" } : diff;
  }

  /** Another provider means another resource only where the provider itself says so. */
  async #providerReplaces(old: ResourceState, next: ResourceState): Promise<boolean> {
    const [from, to] = [old.provider, next.provider].map((r) => parseReference(r ?? "").urn);
    const before = this.#run.olds.get(from ?? "") ?? this.#run.base.find((s) => s.urn === from);
    const after = this.#run.news.get(to ?? "");
    if (!before || !after || before.type !== after.type) return true;
    const { replaces } = await this.#run.providers.packageOf(after).diffConfig(before.inputs, after.inputs);
    return replaces.length > 0;
  }

  async #actOn(
    diff: DiffResult,
    bound: Bound | undefined,
    old: ResourceState,
    next: ResourceState,
    goal: Goal,
  ): Promise<Act> {
    const run = this.#run;
    if (diff.changes === "none" && !old.pendingReplacement) return () => same(run, old, next);
    const detailedDiff = Object.keys(diff.detailedDiff).length > 0 ? diff.detailedDiff : null;
    const why: Why = { keys: diff.replaces, diffs: diff.diffs, detailedDiff };
    if (diff.replaces.length === 0 && !old.pendingReplacement) {
      return () => update(run, bound, old, next, { diffs: diff.diffs, detailedDiff });
    }
    if (old.protect && next.protect)
      throw new CliError(`unable to replace resource "${old.urn}"\n${PROTECTED}`);
    next.inputs = await check(run, bound, next, goal.inputs, undefined, old.id ?? "");
    if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace) && !old.pendingReplacement) {
      return this.#replaceAfter(bound, old, next, why);
    }
    const deletion = old.pendingReplacement ? undefined : await this.#deleteFirst(old);
    return async () => {
      await deletion?.gone;
      await replace(run, old, next, why);
      await create(run, bound, next, { old, why, pendingDelete: false });
    };
  }

  /** The new one first; the old one is deleted when the program is done. */
  #replaceAfter(bound: Bound | undefined, old: ResourceState, next: ResourceState, why: Why): Act {
    const made = Promise.withResolvers<void>();
    made.promise.catch(() => undefined);
    this.#leaving.set(next.urn, made.promise);
    return async () => {
      const creation = create(this.#run, bound, next, { old, why, pendingDelete: true });
      creation.then(made.resolve, made.reject);
      await creation;
      await replace(this.#run, old, next, why);
    };
  }

  /** Begins to delete what can't outlive the old one, then the old one; `gone` when that is over. */
  async #deleteFirst(old: ResourceState): Promise<{ gone: Promise<void> }> {
    const run = this.#run;
    const dependents = await dependentReplacements(run, old, (state) => {
      return this.#leaving.has(state.urn) || this.#going.has(state);
    });
    const barred = dependents.find(({ state, replaced }) => state.protect && !replaced);
    if (barred) {
      const { urn } = barred.state;
      throw new CliError(
        `unable to replace resource "${urn}" as part of replacing "${old.urn}"\n${PROTECTED}`,
      );
    }
    const going = new Set([old.urn, ...dependents.map(({ state }) => state.urn)]);
    let previous: Promise<unknown> = Promise.resolve();
    const removeNext = (state: ResourceState, how: Removal, after?: Promise<void>): Promise<void> => {
      const known = this.#going.get(state);
      const gone =
        known ?? Promise.all([previous, after]).then(() => remove(run, state, how, (urn) => going.has(urn)));
      gone.catch(() => undefined);
      this.#going.set(state, gone);
      previous = Promise.all([previous, gone]);
      previous.catch(() => undefined);
      return gone;
    };
    for (const { state, keys, replaced } of dependents.reverse()) {
      if (replaced) {
        void removeNext(state, { op: "delete-replaced", pending: false }, this.#leaving.get(state.urn));
        continue;
      }
      const gone = removeNext(state, { op: "delete-replaced", pending: true });
      if (!this.#deleted.has(state.urn)) this.#deleted.set(state.urn, { gone, keys });
    }
    const gone = removeNext(old, { op: "delete-replaced", pending: true });
    return { gone };
  }

  async #recreate(
    deleted: { gone: Promise<void>; keys: string[] },
    bound: Bound | undefined,
    old: ResourceState,
    next: ResourceState,
  ): Promise<void> {
    await deleted.gone;
    await replace(this.#run, old, next, { detailedDiff: null });
    await create(this.#run, bound, next, {
      old,
      why: { keys: deleted.keys, detailedDiff: null },
      pendingDelete: false,
    });
  }
}

const PROTECTED =
  "as it is currently marked for protection. To unprotect it, remove the `protect` flag from the resource in the " +
  "program and run `pulumi up`";
