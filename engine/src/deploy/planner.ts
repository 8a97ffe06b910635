import { BailError, CliError } from "../errors.ts";
import type { DiffResult } from "../providers/contract.ts";
import { isProviderType, parseReference, type ResourceState } from "../state/types.ts";
import { check } from "./check.ts";
import { dependentReplacements } from "./dependents.ts";
import { forceReplacement, ignoreChanges, plainDiff, replaceOnChanges } from "./diff.ts";
import { aliasUrns, makeUrn, stateFor, type Goal } from "./goal.ts";
import { Semaphore } from "./semaphore.ts";
import { diffResource, type ProviderBinding } from "./providers.ts";
import type { Run } from "./run.ts";
import { create, remove, replace, same, update, type Removal, type Reason } from "./steps.ts";

/** The answer to a registration; `skipped`: a new resource that isn't among the targets. */
interface Registered {
  state: ResourceState;
  skipped: boolean;
}

type Action = () => Promise<void>;

/** Decides, one registration at a time, what has to happen to each resource. */
export class Planner {
  readonly #run: Run;
  readonly #serial = new Semaphore(1);
  readonly #aliases = new Map<string, string[]>();
  readonly #skipped = new Set<string>();
  /** Creations of new halves, by URN; the old half is deleted after them. */
  readonly #replacementsUnderWay = new Map<string, Promise<void>>();
  /** Deletions before the end of the program. */
  readonly #deletionsStarted = new Map<ResourceState, Promise<void>>();
  /** Resources deleted before their registration came: the deletion, and the properties that made it necessary. */
  readonly #deletedEarly = new Map<string, { deletion: Promise<void>; keys: string[] }>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Brings one resource to what the program wants. Resolves when that is done and recorded. */
  async register(goal: Goal): Promise<Registered> {
    const run = this.#run;
    const urn = makeUrn(run.options.names, goal.parent, goal.type, goal.name);
    try {
      const { next, action } = await this.#serial.run(() => this.#plan(goal, urn));
      await action?.();
      return { state: next, skipped: action === undefined };
    } catch (error) {
      throw run.fail(error, urn);
    }
  }

  async #plan(goal: Goal, urn: string): Promise<{ next: ResourceState; action: Action | undefined }> {
    const run = this.#run;
    if (run.stopping) throw new BailError("stopped");
    if (run.news.has(urn)) throw new CliError(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    const old = this.#findOld(goal, urn);
    const { inputs } = goal;
    const next = stateFor(goal, urn, old);
    run.mask.learn(inputs);
    if (!run.options.targets.includes(next)) return { next, action: this.#keepUntargeted(old, next) };
    this.#refuseSkipped(next);
    const binding = goal.custom && !isProviderType(goal.type) ? await run.providers.bind(next) : undefined;
    const deletedEarly = this.#deletedEarly.get(urn);
    const previous = deletedEarly ? undefined : old;
    const wanted = previous ? ignoreChanges(inputs, previous.inputs, goal.ignoreChanges) : inputs;
    next.inputs = await check(run, binding, next, wanted, previous?.inputs, old?.id ?? "");
    run.news.set(urn, next);
    if (!old) return { next, action: () => create(run, binding, next, undefined) };
    if (deletedEarly) return { next, action: () => this.#recreate(deletedEarly, binding, old, next) };
    const diff = await this.#diff(binding, old, next);
    const action = await this.#actionFor(diff, binding, old, next, goal);
    return { next, action };
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
    // From here on the old state has its new name, and so have the references to it.
    run.snapshot.rename(alias, urn);
    run.olds.delete(alias);
    return old;
  }

  #keepUntargeted(old: ResourceState | undefined, next: ResourceState): Action | undefined {
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

  async #diff(
    binding: ProviderBinding | undefined,
    old: ResourceState,
    next: ResourceState,
  ): Promise<DiffResult> {
    const initErrors = (old.initErrors ?? []).length > 0;
    const found = binding
      ? await diffResource(binding, old, next.inputs, next.ignoreChanges ?? [])
      : await this.#ownDiff(old, next);
    const moved = (await this.#providerReplaces(old, next)) ? ["provider"] : [];
    const forced = forceReplacement(found, [...moved, ...(old.taint ? ["#taint"] : [])], moved);
    const diff = replaceOnChanges(forced, next.replaceOnChanges ?? [], initErrors);
    // Unchanged, but it failed to initialise, or its update was interrupted: its provider has to look at it again.
    const pending = initErrors || this.#run.interrupted.has(old.urn);
    return pending && diff.changes === "none" ? { ...diff, changes: "some" } : diff;
  }

  /** Components and providers are the engine's own. A provider says which of its changes replace what it manages. */
  async #ownDiff(old: ResourceState, next: ResourceState): Promise<DiffResult> {
    const diff = plainDiff(old.inputs, next.inputs);
    if (!isProviderType(next.type) || diff.changes === "none") return diff;
    const { replaces } = await this.#run.providers.packageOf(next).diffConfig(old.inputs, next.inputs);
    return { ...diff, replaces };
  }

  /** Whether the resource has another provider, and that means another resource: the provider itself says so. */
  async #providerReplaces(old: ResourceState, next: ResourceState): Promise<boolean> {
    if (!old.provider || !next.provider || old.provider === next.provider) return false;
    const [from, to] = [old.provider, next.provider].map((reference) => parseReference(reference).urn);
    const before = this.#run.olds.get(from ?? "") ?? this.#run.base.find((s) => s.urn === from);
    const after = this.#run.news.get(to ?? "");
    if (!before || !after || before.type !== after.type) return true;
    const { replaces } = await this.#run.providers.packageOf(after).diffConfig(before.inputs, after.inputs);
    return replaces.length > 0;
  }

  async #actionFor(
    diff: DiffResult,
    binding: ProviderBinding | undefined,
    old: ResourceState,
    next: ResourceState,
    goal: Goal,
  ): Promise<Action> {
    const run = this.#run;
    if (diff.changes === "none" && !old.pendingReplacement) return () => same(run, old, next);
    const detailedDiff = Object.keys(diff.detailedDiff).length > 0 ? diff.detailedDiff : null;
    const reason: Reason = { keys: diff.replaces, diffs: diff.diffs, detailedDiff };
    if (diff.replaces.length === 0 && !old.pendingReplacement) {
      return () => update(run, binding, old, next, { diffs: diff.diffs, detailedDiff });
    }
    if (old.protect && next.protect)
      throw new CliError(`unable to replace resource "${old.urn}"\n${PROTECTED}`);
    next.inputs = await check(run, binding, next, goal.inputs, undefined, old.id ?? "");
    if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace) && !old.pendingReplacement) {
      return this.#replaceAfter(binding, old, next, reason);
    }
    const deletion = old.pendingReplacement ? undefined : await this.#deleteFirst(old);
    return async () => {
      await deletion?.finished;
      await replace(run, old, next, reason);
      await create(run, binding, next, { old, reason, pendingDelete: false });
    };
  }

  /** Creates the new one first; the old one is deleted when the program is done. */
  #replaceAfter(
    binding: ProviderBinding | undefined,
    old: ResourceState,
    next: ResourceState,
    reason: Reason,
  ): Action {
    const created = Promise.withResolvers<void>();
    created.promise.catch(() => undefined);
    this.#replacementsUnderWay.set(next.urn, created.promise);
    return async () => {
      const creation = create(this.#run, binding, next, { old, reason, pendingDelete: true });
      creation.then(created.resolve, created.reject);
      await creation;
      await replace(this.#run, old, next, reason);
    };
  }

  /** Starts to delete what can't outlive the old one, then the old one; `finished` resolves after that. */
  async #deleteFirst(old: ResourceState): Promise<{ finished: Promise<void> }> {
    const run = this.#run;
    const dependents = await dependentReplacements(run, old, (state) => {
      return this.#replacementsUnderWay.has(state.urn) || this.#deletionsStarted.has(state);
    });
    const protectedDependent = dependents.find(({ state, replaced }) => state.protect && !replaced);
    if (protectedDependent) {
      const { urn } = protectedDependent.state;
      throw new CliError(
        `unable to replace resource "${urn}" as part of replacing "${old.urn}"\n${PROTECTED}`,
      );
    }
    const urns = new Set([old.urn, ...dependents.map(({ state }) => state.urn)]);
    let previous: Promise<unknown> = Promise.resolve();
    const deleteNext = (state: ResourceState, removal: Removal, after?: Promise<void>): Promise<void> => {
      const known = this.#deletionsStarted.get(state);
      const deletion =
        known ??
        Promise.all([previous, after]).then(() => remove(run, state, removal, (urn) => urns.has(urn)));
      deletion.catch(() => undefined);
      this.#deletionsStarted.set(state, deletion);
      previous = Promise.all([previous, deletion]);
      previous.catch(() => undefined);
      return deletion;
    };
    for (const { state, keys, replaced } of dependents.reverse()) {
      if (replaced) {
        void deleteNext(
          state,
          { op: "delete-replaced", pending: false },
          this.#replacementsUnderWay.get(state.urn),
        );
        continue;
      }
      const deletion = deleteNext(state, { op: "delete-replaced", pending: true });
      if (!this.#deletedEarly.has(state.urn)) this.#deletedEarly.set(state.urn, { deletion, keys });
    }
    return { finished: deleteNext(old, { op: "delete-replaced", pending: true }) };
  }

  async #recreate(
    deletedEarly: { deletion: Promise<void>; keys: string[] },
    binding: ProviderBinding | undefined,
    old: ResourceState,
    next: ResourceState,
  ): Promise<void> {
    await deletedEarly.deletion;
    await replace(this.#run, old, next, { detailedDiff: null });
    await create(this.#run, binding, next, {
      old,
      reason: { keys: deletedEarly.keys, detailedDiff: null },
      pendingDelete: false,
    });
  }
}

const PROTECTED =
  "as it is currently marked for protection. To unprotect it, remove the `protect` flag from the resource in the " +
  "program and run `pulumi up`";
