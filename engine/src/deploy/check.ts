import { createHash } from "node:crypto";
import { BailError } from "../errors.ts";
import type { CheckFailure, Props } from "../providers/contract.ts";
import { isProviderType, nameOf, type ResourceState } from "../state/types.ts";
import { forProvider, inheritSecrets } from "../values/value.ts";
import type { ProviderBinding } from "./providers.ts";
import type { Run } from "./run.ts";

/**
 * Has the provider validate and complete the inputs of a resource; secrets stay secret.
 * @param olds the inputs of the last state; undefined for a resource that is new or replaced
 * @throws BailError after the failures have been shown
 */
export async function check(
  run: Run,
  binding: ProviderBinding | undefined,
  next: ResourceState,
  inputs: Props,
  olds: Props | undefined,
  oldId: string,
): Promise<Props> {
  if (isProviderType(next.type)) return checkProvider(run, next, inputs);
  if (!binding) return inputs;
  const { seed, names } = run.options;
  // Made from what preview and update both know: the update gives the name that the preview showed.
  const randomSeed = createHash("sha256").update([seed, names.project, next.urn, oldId].join("\n")).digest();
  const before = olds && forProvider(olds);
  const answer = await binding.type.check(binding.ctx, next.urn, before, forProvider(inputs), randomSeed);
  refuse(run, next, answer.failures);
  return inheritSecrets(answer.inputs, inputs);
}

/** Providers hold structured values as JSON text; `version` and `__internal` are the engine's own. */
async function checkProvider(run: Run, next: ResourceState, inputs: Props): Promise<Props> {
  const { version, __internal, ...config } = inputs;
  const pkg = run.providers.packageOf(next);
  const answer = await pkg.checkConfig(forProvider(config));
  refuse(run, next, answer.failures);
  const checked = inheritSecrets(answer.inputs, config);
  return { __internal: {}, ...checked, version: version ?? pkg.version };
}

function refuse(run: Run, next: ResourceState, failures: readonly CheckFailure[]): void {
  for (const { property, reason } of failures) {
    const where = property ? `${property}: ` : "";
    run.diag(
      "error",
      `${next.type} resource '${nameOf(next.urn)}' has a problem: ${where}${reason}`,
      next.urn,
    );
  }
  if (failures.length === 0) return;
  run.stop();
  throw new BailError(`resource ${next.urn} has check failures`);
}
