import { CliError, messageOf, Refusal } from "../errors.ts";
import type { Crypter } from "../secrets/crypter.ts";
import type { Json, JsonObject } from "../values/codec.ts";
import { qualified, type Backend, type StackRef } from "./backend.ts";
import { decodeDeployment, encodeDeployment, encodeResource, stateSecrets } from "./checkpoint.ts";
import type { Write } from "./snapshot.ts";
import type { Deployment, ResourceState } from "./types.ts";
import { findCorruption } from "./verify.ts";

/** Opens the crypter that a salt asks for. */
export type Open = (salt: string) => Promise<Crypter>;

const EMPTY: Deployment = { resources: [], pendingOperations: [], metadata: {} };

/** Loads and checks a stack's state. @throws CliError naming the backup when it is damaged */
export async function loadState(backend: Backend, ref: StackRef, open: Open): Promise<Deployment> {
  const json = backend.load(ref);
  if (!json) return { ...EMPTY };
  return readDeployment(json, open, (reason) => backend.corrupted(ref, reason));
}

/** Reads and checks a deployment, from a checkpoint or an export. */
export async function readDeployment(
  json: JsonObject,
  open: Open,
  corrupted: (reason: string) => CliError,
): Promise<Deployment> {
  let deployment: Deployment;
  try {
    deployment = await decodeDeployment(json, open);
  } catch (error) {
    if (error instanceof Refusal || messageOf(error).includes("passphrase")) throw error;
    throw corrupted(messageOf(error));
  }
  const problem = findCorruption(deployment.resources);
  if (problem) throw corrupted(problem);
  return deployment;
}

/**
 * Writes a stack's state. The text of a resource is cached while it doesn't change, so writing is mostly joining texts.
 */
export function stateWriter(backend: Backend, ref: StackRef, crypter: Crypter | undefined): Write {
  const secrets = stateSecrets(crypter);
  const texts = new WeakMap<
    ResourceState,
    { key: string; inputs: unknown; outputs: unknown; text: string }
  >();
  const textOf = (state: ResourceState): string => {
    const { inputs, outputs, ...fields } = state;
    const key = JSON.stringify(fields);
    const known = texts.get(state);
    if (known && known.key === key && known.inputs === inputs && known.outputs === outputs) return known.text;
    const text = JSON.stringify(encodeResource(state, secrets));
    texts.set(state, { key, inputs, outputs, text });
    return text;
  };
  return (deployment, last) => {
    const { resources } = deployment;
    const list = resources.map(textOf).join(",");
    const rest = encodeDeployment(
      { ...deployment, resources: [] },
      (state) => JSON.parse(textOf(state)) as Json,
    );
    const head = JSON.stringify(rest);
    // "resources" comes before the pending operations and the metadata, as in the official file.
    const cut = head.search(/"(pending_operations|metadata)":/);
    const body = list === "" ? head : `${head.slice(0, cut)}"resources":[${list}],${head.slice(cut)}`;
    const stack = JSON.stringify(qualified(ref));
    backend.saveText(ref, `{"version":3,"checkpoint":{"stack":${stack},"latest":${body}}}`, last);
    const problem = findCorruption(resources);
    if (problem) {
      const file = backend.stackFile(ref);
      throw new CliError(
        `${file}: the state was written but isn't sound (${problem}); the one before is ${file}.bak`,
      );
    }
  };
}
