/**
 * What the engine core and the providers agree on. A provider is a {@link ProviderPackage}; each of its resource
 * types is a {@link ResourceType} in a file of its own.
 *
 * Values cross this border as plain data ({@link Props}):
 * - Secrets arrive unwrapped. The core marks an output secret when the input of the same name was (an array with a
 *   secret inside becomes secret as a whole, as in the official engine), when the resource option
 *   `additionalSecretOutputs` or {@link ProviderPackage.secretOutputs} names it, or when the provider returns
 *   `new Secret(value)` anywhere in its outputs.
 * - What isn't known yet in a preview is {@link UNKNOWN}. It never appears outside previews.
 */

/** A value known only after the update (previews only). Compare by identity. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** Wraps an output (or a part of one) that must be stored encrypted. The core accepts it in outputs and in checked inputs. */
export class Secret {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** A property value. Resource references arrive as the id of the custom resource, or the URN of a component. */
export type Value =
  null | boolean | number | string | Value[] | { [key: string]: Value } | Secret | typeof UNKNOWN;

/** A resource's inputs, outputs or a provider's configuration. */
export type Props = { [key: string]: Value };

/** Severity of {@link Ctx.log}. `status` replaces the line that is shown with the resource and isn't kept. */
export type Severity = "debug" | "info" | "warning" | "error" | "status";

/** What a provider gets from the core; {@link ProviderPackage.configure} may return an extension of it (a client…). */
export interface Ctx {
  readonly project: string;
  readonly stack: string;
  /** Absolute path of the folder of Pulumi.yaml; relative paths start here. */
  readonly root: string;
  /** Shows a message next to a resource. The core masks known secrets in it. */
  log(severity: Severity, message: string, urn?: string): void;
  /** Aborted on a second interrupt: stop at once and reject. */
  readonly signal: AbortSignal;
}

/** How one property changes. The official kinds of the provider protocol. */
export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

/** The answer of {@link ResourceType.diff}. Paths look like `ports[0].internal` or `labels["a.b"]`. */
export interface DiffResult {
  changes: "none" | "some";
  /** Top-level properties (or paths) that force a replacement. Empty: update in place. */
  replaces: string[];
  /** Top-level properties that differ. */
  diffs: string[];
  detailedDiff: Record<string, { kind: DiffKind; inputDiff: boolean }>;
  /** True: the old one must be deleted before the new one is created. The resource option, when set, wins. */
  deleteBeforeReplace: boolean;
  /** Outputs that don't change in an update; in a preview the core keeps them known. */
  stables: string[];
}

/** A problem with an input; `property` is its path ("" when it concerns the whole resource). */
export interface CheckFailure {
  property: string;
  reason: string;
}

/** Thrown for what this engine doesn't support. The core adds the way to the official CLI. */
export class UnsupportedError extends Error {
  /** @param what a noun phrase, e.g. `property "gpus" of docker:index/container:Container` */
  constructor(what: string) {
    super(what);
    this.name = "UnsupportedError";
  }
}

/** Thrown by create or update when the resource exists but didn't initialise; it is recorded with `reasons`. */
export class PartialError extends Error {
  readonly id: string;
  readonly outputs: Props;
  readonly reasons: string[];
  constructor(id: string, outputs: Props, reasons: string[]) {
    super(reasons.join("; "));
    this.name = "PartialError";
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}

/**
 * One resource type. Methods reject with an Error whose message is for people: no secret in it.
 * A provider with a narrower context may declare its own `ctx` type.
 */
export interface ResourceType {
  /** The type token, e.g. `docker:index/container:Container`. */
  readonly type: string;
  /**
   * Validates and completes inputs (defaults, automatic names). Called in previews and updates alike; must not change
   * anything. Throws {@link UnsupportedError} for a property that isn't supported.
   * @param randomSeed 32 bytes, the same in preview and update of one resource: derive automatic names from it.
   * @param olds the inputs of the last state (automatic names are kept from it), undefined for a new resource
   */
  check(
    ctx: Ctx,
    urn: string,
    olds: Props | undefined,
    news: Props,
    randomSeed: Uint8Array,
  ): Promise<{ inputs: Props; failures: CheckFailure[] }>;
  /** Compares checked inputs with the last state. `news` may hold UNKNOWN. `ignoreChanges` is applied by the core. */
  diff(
    ctx: Ctx,
    id: string,
    urn: string,
    oldInputs: Props,
    oldOutputs: Props,
    news: Props,
  ): Promise<DiffResult>;
  /** Creates. In a preview: returns `id: ""` and the outputs already known (the others UNKNOWN or absent). */
  create(
    ctx: Ctx,
    urn: string,
    inputs: Props,
    preview: boolean,
    timeoutSeconds?: number,
  ): Promise<{ id: string; outputs: Props }>;
  /** Reads the real resource, for a refresh. Undefined: it doesn't exist any more. */
  read(
    ctx: Ctx,
    id: string,
    urn: string,
    inputs: Props,
    outputs: Props,
  ): Promise<{ id: string; inputs: Props; outputs: Props } | undefined>;
  /** Updates in place. In a preview: nothing is changed. */
  update(
    ctx: Ctx,
    id: string,
    urn: string,
    oldInputs: Props,
    oldOutputs: Props,
    news: Props,
    preview: boolean,
    timeoutSeconds?: number,
  ): Promise<{ outputs: Props }>;
  /** Deletes. A resource that doesn't exist any more counts as deleted. */
  delete(
    ctx: Ctx,
    id: string,
    urn: string,
    inputs: Props,
    outputs: Props,
    timeoutSeconds?: number,
  ): Promise<void>;
}

/** A provider: a folder under `src/providers/`. */
export interface ProviderPackage {
  /** The package name in type tokens. */
  readonly name: string;
  /** The version of the official provider whose behaviour it follows. */
  readonly version: string;
  /** By type token. */
  readonly resources: Record<string, ResourceType>;
  /**
   * Validates and completes the inputs of an explicit or default provider. They are stored in the state as returned.
   * Structured values arrive as JSON text, as the SDK sends them (`sshOpts: "[\"-o\"]"`).
   */
  checkConfig(config: Props): Promise<{ inputs: Props; failures: CheckFailure[] }>;
  /** Paths of changes that need other resources of this provider to be replaced too; usually none. */
  diffConfig(oldInputs: Props, news: Props): Promise<{ diffs: string[]; replaces: string[] }>;
  /** Makes the context of one provider instance. Connects lazily: previews must work without the server where they can. */
  configure(config: Props, base: Ctx): Promise<Ctx>;
  /** Outputs of a type that are always secret. */
  secretOutputs(type: string): string[];
  /** Ends connections and processes. */
  close(ctx: Ctx): Promise<void>;
}
