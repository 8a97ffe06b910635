import { PartialError } from "../providers/contract.ts";
import type { Op, Step } from "../events/bus.ts";
import { stateSecrets, encodeResource } from "../state/checkpoint.ts";
import { isProviderType, type ResourceState } from "../state/types.ts";
import { randomUUID } from "node:crypto";
import { forProvider, UNKNOWN_STRING } from "../values/value.ts";
import { seal, type Bound } from "./providers.ts";
import { RecordedError, type Change, type Run } from "./run.ts";

/** Why a step is taken: the parts of a diff that are told. */
export type Why = Pick<Step, "keys" | "diffs" | "detailedDiff">;

const now = (): string => new Date().toISOString();

function stepOf(op: Op, old: ResourceState | undefined, next: ResourceState | undefined, why: Why): Step {
  const urn = (next ?? old)?.urn ?? "";
  const logical = !["create-replacement", "delete-replaced"].includes(op);
  return { op, urn, old, new: next, ...why, logical };
}

/** Creates a resource, alone or as the new half of a replacement. */
export async function create(
  run: Run,
  bound: Bound | undefined,
  next: ResourceState,
  replaced: { old: ResourceState; why: Why; pendingDelete: boolean } | undefined,
): Promise<void> {
  const op = replaced ? "create-replacement" : "create";
  const step = stepOf(op, replaced?.old, next, replaced?.why ?? {});
  const settle = (): Change => {
    next.created = next.modified = now();
    if (replaced?.pendingDelete) replaced.old.delete = true;
    const done = replaced && !replaced.pendingDelete ? { done: replaced.old } : {};
    return { fresh: next, ...done };
  };
  await run.step(step, next.custom ? "creating" : undefined, next, async () => {
    if (isProviderType(next.type)) makeProvider(run, next);
    if (!bound) return settle();
    const timeout = next.customTimeouts?.create || undefined;
    const { preview } = run.options;
    try {
      const made = await bound.type.create(bound.ctx, next.urn, forProvider(next.inputs), preview, timeout);
      if (!preview && made.id === "") throw new Error("the provider did not return an ID from create");
      next.id = made.id;
      next.outputs = seal(bound, next, made.outputs);
    } catch (error) {
      throw inPart(run, bound, next, error, settle);
    }
    run.mask.learn(next.outputs);
    return settle();
  });
}

/** What a provider did before it failed is kept in the state; any other error stays as it is. */
function inPart(run: Run, bound: Bound, next: ResourceState, error: unknown, settle: () => Change): unknown {
  if (!(error instanceof PartialError)) return error;
  next.id = error.id;
  next.outputs = seal(bound, next, error.outputs);
  next.initErrors = error.reasons;
  run.mask.learn(next.outputs);
  return new RecordedError(error, settle());
}

function makeProvider(run: Run, next: ResourceState): void {
  next.id = run.options.preview ? UNKNOWN_STRING : randomUUID();
  next.outputs = providerOutputs(next);
  run.providers.add(next);
}

function providerOutputs(state: ResourceState): ResourceState["outputs"] {
  return Object.fromEntries(Object.entries(state.inputs).filter(([key]) => key !== "__internal"));
}

/** Tells of a replacement as a whole. */
export async function replace(run: Run, old: ResourceState, next: ResourceState, why: Why): Promise<void> {
  const step = stepOf("replace", old, next, why);
  run.bus.emit({ kind: "pre", step });
  run.settled(step);
}

/** Updates in place; components and providers only in the state. */
export async function update(
  run: Run,
  bound: Bound | undefined,
  old: ResourceState,
  next: ResourceState,
  why: Why,
): Promise<void> {
  next.id = old.id;
  const settle = (): Change => {
    next.modified = now();
    return { done: old, fresh: next };
  };
  await run.step(stepOf("update", old, next, why), next.custom ? "updating" : undefined, next, async () => {
    if (!bound) {
      next.outputs = isProviderType(next.type) ? providerOutputs(next) : old.outputs;
      if (isProviderType(next.type)) run.providers.add(next);
      return settle();
    }
    const args = [forProvider(old.inputs), forProvider(old.outputs), forProvider(next.inputs)] as const;
    const timeout = next.customTimeouts?.update || undefined;
    try {
      const { type, ctx } = bound;
      const made = await type.update(ctx, old.id ?? "", next.urn, ...args, run.options.preview, timeout);
      next.outputs = seal(bound, next, made.outputs);
    } catch (error) {
      throw inPart(run, bound, next, error, settle);
    }
    run.mask.learn(next.outputs);
    return settle();
  });
}

const shown = stateSecrets(undefined, true);
const text = (state: ResourceState): string => JSON.stringify(encodeResource(state, shown));

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
  await run.snapshot.replace({ done: old, fresh: next }, text(next) === before);
  run.settled(step);
}

/** How a resource goes. `replacing`: the old half of a replacement; `pending`: before its successor is there. */
export interface Removal {
  op: "delete" | "delete-replaced";
  pending: boolean;
}

/** Deletes a resource, or only forgets it where its options say so. `with`: URNs that are deleted too. */
export async function remove(
  run: Run,
  old: ResourceState,
  { op, pending }: Removal,
  others: (urn: string) => boolean,
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
    if (managed && !run.options.preview && !(old.deletedWith && others(old.deletedWith))) {
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
    if (!pending) return { done: old };
    old.pendingReplacement = true;
    return {};
  });
}
