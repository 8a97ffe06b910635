import { BailError } from "../errors.ts";
import type { Op, Step } from "../events/bus.ts";
import { dependenciesOf, isProviderType, type ResourceState } from "../state/types.ts";
import { equal, forProvider, inheritSecrets } from "../values/value.ts";
import { ignoreChanges } from "./diff.ts";
import { diffResource, seal, type Bound } from "./providers.ts";
import type { Run } from "./run.ts";

/**
 * Reads every resource and takes over what is really there. The whole new state is written at the end: a refresh that
 * fails half way changes nothing.
 */
export async function refresh(run: Run): Promise<void> {
  const results = await Promise.all(
    run.base.map(async (state) => {
      if (!run.options.targets.includes(state)) return state;
      return refreshOne(run, state).catch((error: unknown) => {
        if (!(error instanceof BailError)) run.fail(error, state.urn);
        return state;
      });
    }),
  );
  if (run.failed) return;
  const kept: ResourceState[] = [];
  const gone = new Set<string>();
  for (const state of results) {
    if (state) kept.push(state);
  }
  const left = new Set(kept.map((state) => state.urn));
  for (const state of run.base) if (!left.has(state.urn)) gone.add(state.urn);
  for (const state of kept) forget(state, gone);
  if (!run.options.preview) await run.snapshot.rebase(kept);
  run.setBase(kept);
}

/** What depended on a resource that is gone loses the dependency, as in the official engine. */
function forget(state: ResourceState, gone: ReadonlySet<string>): void {
  if (![...dependenciesOf(state)].some((urn) => gone.has(urn))) return;
  const keep = (urn: string): boolean => !gone.has(urn);
  state.dependencies = state.dependencies.filter(keep);
  const map = Object.entries(state.propertyDependencies ?? {}).map(
    ([k, urns]) => [k, urns.filter(keep)] as const,
  );
  state.propertyDependencies = Object.fromEntries(map);
  if (state.deletedWith && gone.has(state.deletedWith)) delete state.deletedWith;
}

async function refreshOne(run: Run, old: ResourceState): Promise<ResourceState | undefined> {
  const step: Step = { op: "refresh", urn: old.urn, old, new: old, logical: true };
  let next: ResourceState | undefined = old;
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement) {
    run.bus.emit({ kind: "pre", step });
    run.settled(step, "same");
    return old;
  }
  const bound = await run.providers.bind(old);
  await run.step(step, undefined, old, async () => {
    next = await read(bound, old);
    step.new = next;
    return { result: await outcome(bound, old, next, step) };
  });
  return next;
}

async function read(bound: Bound, old: ResourceState): Promise<ResourceState | undefined> {
  const inputs = forProvider(old.inputs);
  const found = await bound.type.read(bound.ctx, old.id ?? "", old.urn, inputs, forProvider(old.outputs));
  if (!found) return undefined;
  const next: ResourceState = { ...old, id: found.id };
  const readInputs = inheritSecrets(found.inputs, old.inputs);
  next.inputs = equal(readInputs, old.inputs) ? old.inputs : readInputs;
  const outputs = inheritSecrets(seal(bound, next, found.outputs), old.outputs);
  next.outputs = equal(outputs, old.outputs) ? old.outputs : outputs;
  delete next.initErrors;
  if (next.inputs !== old.inputs || next.outputs !== old.outputs) next.modified = new Date().toISOString();
  return next;
}

/** "update" where an `up` right after would want to change the resource back. */
async function outcome(
  bound: Bound,
  old: ResourceState,
  next: ResourceState | undefined,
  step: Step,
): Promise<Op> {
  if (!next) return "delete";
  if (next.inputs === old.inputs && next.outputs === old.outputs) return "same";
  const wanted = ignoreChanges(old.inputs, next.inputs, old.ignoreChanges ?? []);
  const diff = await diffResource(bound, next, wanted);
  if (diff.changes === "none") return "same";
  step.diffs = diff.diffs;
  step.detailedDiff = diff.detailedDiff;
  return "update";
}
