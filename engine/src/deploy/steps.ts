import { PartialError } from "../providers/contract.ts";
import type { Op, Step } from "../events/bus.ts";
import { stateSecrets, encodeResource } from "../state/checkpoint.ts";
import { isProviderType, type ResourceState } from "../state/types.ts";
import { randomUUID } from "node:crypto";
import { forProvider, UNKNOWN_STRING } from "../values/value.ts";
import { markSecretOutputs, type ProviderBinding } from "./providers.ts";
import { RecordedError, type Change, type Run } from "./run.ts";

/** Why a step is taken: the part of a diff that is reported. */
export type Reason = Pick<Step, "keys" | "diffs" | "detailedDiff">;

const now = (): string => new Date().toISOString();

function stepOf(
  op: Op,
  old: ResourceState | undefined,
  next: ResourceState | undefined,
  reason: Reason,
): Step {
  const urn = (next ?? old)?.urn ?? "";
  const logical = !["create-replacement", "delete-replaced"].includes(op);
  return { op, urn, old, new: next, ...reason, logical };
}

/** Creates a resource, alone or as the new half of a replacement. */
export async function create(
  run: Run,
  binding: ProviderBinding | undefined,
  next: ResourceState,
  replaced: { old: ResourceState; reason: Reason; pendingDelete: boolean } | undefined,
): Promise<void> {
  const op = replaced ? "create-replacement" : "create";
  const step = stepOf(op, replaced?.old, next, replaced?.reason ?? {});
  const settle = (): Change => {
    next.created = next.modified = now();
    if (replaced?.pendingDelete) replaced.old.delete = true;
    const done = replaced && !replaced.pendingDelete ? { removed: replaced.old } : {};
    return { added: next, ...done };
  };
  await run.step(step, next.custom ? "creating" : undefined, next, async () => {
    if (isProviderType(next.type)) createProvider(run, next);
    if (!binding) return settle();
    const timeout = next.customTimeouts?.create || undefined;
    const { preview } = run.options;
    try {
      const created = await binding.type.create(
        binding.ctx,
        next.urn,
        forProvider(next.inputs),
        preview,
        timeout,
      );
      if (!preview && created.id === "") throw new Error("the provider did not return an ID from create");
      next.id = created.id;
      next.outputs = markSecretOutputs(binding, next, created.outputs);
    } catch (error) {
      throw recordPartial(run, binding, next, error, settle);
    }
    run.mask.learn(next.outputs);
    return settle();
  });
}

/** Records what a provider did before it failed; other errors are returned unchanged. */
function recordPartial(
  run: Run,
  binding: ProviderBinding,
  next: ResourceState,
  error: unknown,
  settle: () => Change,
): unknown {
  if (!(error instanceof PartialError)) return error;
  next.id = error.id;
  next.outputs = markSecretOutputs(binding, next, error.outputs);
  next.initErrors = error.reasons;
  run.mask.learn(next.outputs);
  return new RecordedError(error, settle());
}

function createProvider(run: Run, next: ResourceState): void {
  next.id = run.options.preview ? UNKNOWN_STRING : randomUUID();
  next.outputs = providerOutputs(next);
  run.providers.add(next);
}

function providerOutputs(state: ResourceState): ResourceState["outputs"] {
  return Object.fromEntries(Object.entries(state.inputs).filter(([key]) => key !== "__internal"));
}

/** Reports a replacement as a whole. */
export async function replace(
  run: Run,
  old: ResourceState,
  next: ResourceState,
  reason: Reason,
): Promise<void> {
  const step = stepOf("replace", old, next, reason);
  run.bus.emit({ kind: "pre", step });
  run.reportFinished(step);
}

/** Updates in place; components and providers only in the state. */
export async function update(
  run: Run,
  binding: ProviderBinding | undefined,
  old: ResourceState,
  next: ResourceState,
  reason: Reason,
): Promise<void> {
  next.id = old.id;
  const settle = (): Change => {
    next.modified = now();
    return { removed: old, added: next };
  };
  await run.step(
    stepOf("update", old, next, reason),
    next.custom ? "updating" : undefined,
    next,
    async () => {
      if (!binding) {
        next.outputs = isProviderType(next.type) ? providerOutputs(next) : old.outputs;
        if (isProviderType(next.type)) run.providers.add(next);
        return settle();
      }
      const args = [forProvider(old.inputs), forProvider(old.outputs), forProvider(next.inputs)] as const;
      const timeout = next.customTimeouts?.update || undefined;
      try {
        const { type, ctx } = binding;
        const created = await type.update(ctx, old.id ?? "", next.urn, ...args, run.options.preview, timeout);
        next.outputs = markSecretOutputs(binding, next, created.outputs);
      } catch (error) {
        throw recordPartial(run, binding, next, error, settle);
      }
      run.mask.learn(next.outputs);
      return settle();
    },
  );
}

const plaintextSecrets = stateSecrets(undefined, true);
const text = (state: ResourceState): string => JSON.stringify(encodeResource(state, plaintextSecrets));

/** Nothing changes but, perhaps, options and positions in the program. */
export async function same(run: Run, old: ResourceState, next: ResourceState): Promise<void> {
  const step = stepOf("same", old, next, {});
  run.bus.emit({ kind: "pre", step });
  next.outputs = old.outputs;
  if (old.id) next.id = old.id;
  if (old.initErrors) next.initErrors = old.initErrors;
  // Equal inputs stay the very same object: their secrets keep their ciphertext.
  const before = text(old);
  if (text({ ...next, inputs: old.inputs }) === text(next)) next.inputs = old.inputs;
  if (isProviderType(next.type)) run.providers.add(next);
  await run.snapshot.replace({ removed: old, added: next }, text(next) === before);
  run.reportFinished(step);
}

/** How a resource is removed. `pending`: its replacement is created after it. */
export interface Removal {
  op: "delete" | "delete-replaced";
  pending: boolean;
}

/**
 * Deletes a resource, or only removes it from the state where its options say so.
 * @param alsoDeleted whether the resource of this URN is deleted too (`deletedWith`)
 */
export async function remove(
  run: Run,
  old: ResourceState,
  { op, pending }: Removal,
  alsoDeleted: (urn: string) => boolean,
): Promise<void> {
  const step = stepOf(op, old, undefined, {});
  await run.step(step, old.custom ? "deleting" : undefined, old, async () => {
    if (op === "delete" && old.protect) {
      throw new Error(
        `resource "${old.urn}" cannot be deleted because it is protected. To unprotect it, remove the \`protect\` ` +
          `flag from the resource in the program and run \`pulumi up\``,
      );
    }
    const managed = old.custom && !isProviderType(old.type) && !old.retainOnDelete;
    if (managed && !run.options.preview && !(old.deletedWith && alsoDeleted(old.deletedWith))) {
      const { type, ctx } = await run.providers.bind(old);
      const timeout = old.customTimeouts?.delete || undefined;
      await type.delete(
        ctx,
        old.id ?? "",
        old.urn,
        forProvider(old.inputs),
        forProvider(old.outputs),
        timeout,
      );
    }
    if (!pending) return { removed: old };
    old.pendingReplacement = true;
    return {};
  });
}
