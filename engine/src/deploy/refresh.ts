import { BailError } from "../errors.ts";
import type { Op, Step } from "../events/bus.ts";
import { isProviderType, type ResourceState } from "../state/types.ts";
import { dropDangling } from "../state/verify.ts";
import { equal, forProvider, inheritSecrets } from "../values/value.ts";
import { ignoreChanges } from "./diff.ts";
import { diffResource, seal, type Bound } from "./providers.ts";
import type { Run } from "./run.ts";

/**
 * Reads every resource and takes over what is really there. The whole new state is written at the end: a refresh that
 * fails half way changes nothing.
 */
export async function refresh(
  run: Run,
  wanted: (state: ResourceState) => boolean = (state) => run.options.targets.includes(state),
): Promise<void> {
  const results = await Promise.all(
    run.base.map(async (state) => {
      if (!wanted(state)) return state;
      return refreshOne(run, state).catch((error: unknown) => {
        if (!(error instanceof BailError)) run.fail(error, state.urn);
        return state;
      });
    }),
  );
  if (run.failed) return;
  const kept = results.filter((state) => state !== undefined);
  // What depended on a resource that is gone loses the dependency, as in the official engine.
  if (kept.length < results.length) dropDangling(kept);
  if (!run.options.preview) await run.snapshot.rebase(kept);
  run.setBase(kept);
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
  const ignored = old.ignoreChanges ?? [];
  const wanted = ignoreChanges(old.inputs, next.inputs, ignored);
  const diff = await diffResource(bound, next, wanted, ignored);
  if (diff.changes === "none") return "same";
  step.diffs = diff.diffs;
  step.detailedDiff = diff.detailedDiff;
  return "update";
}
