import { BailError } from "../errors.ts";
import type { Op, Step } from "../events/bus.ts";
import { isProviderType, type ResourceState } from "../state/types.ts";
import { dropDangling } from "../state/verify.ts";
import { equal, forProvider, inheritSecrets } from "../values/value.ts";
import { ignoreChanges } from "./diff.ts";
import { diffResource, markSecretOutputs, type ProviderBinding } from "./providers.ts";
import type { Run } from "./run.ts";

/**
 * Reads every resource and records its real state. The whole new state is written at the end, so a refresh that fails
 * changes nothing.
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
  // Dependencies on a resource that doesn't exist any more are dropped, as in the official engine.
  if (kept.length < results.length) dropDangling(kept);
  if (!run.options.preview) await run.snapshot.rebase(kept);
  run.setBase(kept);
}

async function refreshOne(run: Run, old: ResourceState): Promise<ResourceState | undefined> {
  const step: Step = { op: "refresh", urn: old.urn, old, new: old, logical: true };
  let next: ResourceState | undefined = old;
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement) {
    run.bus.emit({ kind: "pre", step });
    run.reportFinished(step, "same");
    return old;
  }
  const binding = await run.providers.bind(old);
  await run.step(step, undefined, old, async () => {
    next = await read(binding, old);
    step.new = next;
    return { result: await refreshedOp(binding, old, next, step) };
  });
  return next;
}

async function read(binding: ProviderBinding, old: ResourceState): Promise<ResourceState | undefined> {
  const inputs = forProvider(old.inputs);
  const found = await binding.type.read(binding.ctx, old.id ?? "", old.urn, inputs, forProvider(old.outputs));
  if (!found) return undefined;
  const next: ResourceState = { ...old, id: found.id };
  const readInputs = inheritSecrets(found.inputs, old.inputs);
  next.inputs = equal(readInputs, old.inputs) ? old.inputs : readInputs;
  const outputs = inheritSecrets(markSecretOutputs(binding, next, found.outputs), old.outputs);
  next.outputs = equal(outputs, old.outputs) ? old.outputs : outputs;
  delete next.initErrors;
  if (next.inputs !== old.inputs || next.outputs !== old.outputs) next.modified = new Date().toISOString();
  return next;
}

/** "update" where an `up` right after would want to change the resource back. */
async function refreshedOp(
  binding: ProviderBinding,
  old: ResourceState,
  next: ResourceState | undefined,
  step: Step,
): Promise<Op> {
  if (!next) return "delete";
  if (next.inputs === old.inputs && next.outputs === old.outputs) return "same";
  const ignored = old.ignoreChanges ?? [];
  const wanted = ignoreChanges(old.inputs, next.inputs, ignored);
  const diff = await diffResource(binding, next, wanted, ignored);
  if (diff.changes === "none") return "same";
  step.diffs = diff.diffs;
  step.detailedDiff = diff.detailedDiff;
  return "update";
}
