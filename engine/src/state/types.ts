import type { Props } from "../providers/contract.ts";
import type { JsonObject } from "../values/codec.ts";

/** Create, update, delete and read timeouts in seconds; 0 means the provider's own. */
export interface Timeouts {
  create?: number;
  update?: number;
  delete?: number;
  read?: number;
}

/** One resource of a stack, as the engine holds it. Fields as in checkpoint v3; see `resourceFields`. */
export interface ResourceState {
  urn: string;
  custom: boolean;
  /** A replaced one that still has to be deleted. */
  delete?: boolean;
  id?: string;
  type: string;
  inputs: Props;
  outputs: Props;
  parent?: string;
  protect?: boolean;
  /** To be replaced by the next update. */
  taint?: boolean;
  dependencies: string[];
  initErrors?: string[];
  /** `<provider URN>::<id>` */
  provider?: string;
  propertyDependencies?: Record<string, string[]>;
  /** Deleted before its replacement, which hasn't been created yet. */
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  aliases?: string[];
  customTimeouts?: Timeouts;
  retainOnDelete?: boolean;
  deletedWith?: string;
  created?: string;
  modified?: string;
  sourcePosition?: string;
  stackTrace?: { sourcePosition?: string }[];
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  /** Fields that this engine doesn't use and keeps as they are. */
  rest?: JsonObject;
}

export type OperationType = "creating" | "updating" | "deleting";

/** A step that had begun when the state was written. */
export interface Operation {
  resource: ResourceState;
  type: OperationType;
}

/** A stack's state. */
export interface Deployment {
  resources: ResourceState[];
  pendingOperations: Operation[];
  /** `encryptionsalt` of the passphrase provider; undefined before the first update. */
  salt?: string;
  /** Unused by this engine, kept. */
  metadata: JsonObject;
}

/** The part after the last `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The type of a URN, without its parents' types. */
export function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
}

export const STACK_TYPE = "pulumi:pulumi:Stack";
const PROVIDER = "pulumi:providers:";

export const isProviderType = (type: string): boolean => type.startsWith(PROVIDER);
export const providerType = (name: string): string => PROVIDER + name;

/** Default providers are the engine's own: not shown, not counted. */
export const isDefaultProvider = (urn: string): boolean =>
  isProviderType(typeOf(urn)) && /^default(_|$)/.test(nameOf(urn));

/** Splits `<provider URN>::<id>`. */
export function parseReference(reference: string): { urn: string; id: string } {
  const cut = reference.lastIndexOf("::");
  return { urn: reference.slice(0, cut), id: reference.slice(cut + 2) };
}

/** All that a resource depends on in its stack: parent, provider, dependencies, deletedWith. */
export function dependenciesOf(state: ResourceState): Set<string> {
  const urns = new Set(state.dependencies);
  for (const list of Object.values(state.propertyDependencies ?? {})) for (const urn of list) urns.add(urn);
  if (state.parent) urns.add(state.parent);
  if (state.provider) urns.add(parseReference(state.provider).urn);
  if (state.deletedWith) urns.add(state.deletedWith);
  return urns;
}
