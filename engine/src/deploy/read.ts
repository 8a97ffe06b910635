import { CliError } from "../errors.ts";
import { Secret, type Props } from "../providers/contract.ts";
import type { ResourceState } from "../state/types.ts";
import { forProvider, UNKNOWN_STRING } from "../values/value.ts";
import { makeUrn, type Goal } from "./goal.ts";
import { seal } from "./providers.ts";
import type { Run } from "./run.ts";

export const STACK_REFERENCE = "pulumi:pulumi:StackReference";

/** Reads the outputs of another stack of this backend. */
export type StackOutputs = (name: string) => Promise<Props>;

/** Reads a resource that the stack doesn't own (`Type.get`, `StackReference`). */
export async function readResource(
  run: Run,
  goal: Goal,
  id: string,
  outputsOf: StackOutputs,
): Promise<ResourceState> {
  const urn = makeUrn(run.options.names, goal.parent, goal.type, goal.name);
  try {
    if (run.news.has(urn)) throw new CliError(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    const old = run.olds.get(urn);
    const next: ResourceState = {
      ...{ urn, custom: true, id, type: goal.type, inputs: goal.inputs, outputs: {}, external: true },
      ...{ dependencies: goal.dependencies, provider: goal.provider },
      ...(goal.parent ? { parent: goal.parent } : {}),
      ...(old?.created ? { created: old.created } : {}),
    };
    if (goal.additionalSecretOutputs.length > 0) next.additionalSecretOutputs = goal.additionalSecretOutputs;
    run.news.set(urn, next);
    const replacing = old !== undefined && !old.external;
    const op = replacing ? "read-replacement" : "read";
    await run.step({ op, urn, old, new: next, logical: true }, "reading", next, async () => {
      if (id !== UNKNOWN_STRING) await fill(run, next, outputsOf);
      if (replacing) old.delete = true;
      return { fresh: next, ...(old && !replacing ? { done: old } : {}) };
    });
    return next;
  } catch (error) {
    throw run.fail(error, urn);
  }
}

async function fill(run: Run, next: ResourceState, outputsOf: StackOutputs): Promise<void> {
  if (next.type === STACK_REFERENCE) {
    const name = String(forProvider(next.inputs)["name"] ?? next.id);
    const outputs = await outputsOf(name);
    const secretOutputNames = Object.keys(outputs).filter((key) => outputs[key] instanceof Secret);
    next.outputs = { name, outputs, secretOutputNames };
    return;
  }
  const bound = await run.providers.bind(next);
  const found = await bound.type.read(bound.ctx, next.id ?? "", next.urn, forProvider(next.inputs), {});
  if (!found) throw new CliError(`resource '${next.id ?? ""}' does not exist`);
  next.id = found.id;
  next.outputs = seal(bound, next, found.outputs);
  run.mask.learn(next.outputs);
}
