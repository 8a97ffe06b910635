import {
  UnsupportedError,
  type Ctx,
  type DiffResult,
  type Props,
  type ProviderPackage,
  type ResourceType,
} from "../providers/contract.ts";
import { CliError, messageOf, unsupported } from "../errors.ts";
import { withoutIgnored } from "./diff.ts";
import { isProviderType, parseReference, type ResourceState } from "../state/types.ts";
import { forProvider, inheritSecrets, markSecrets } from "../values/value.ts";

export type Packages = Readonly<Record<string, ProviderPackage>>;

/** One configured provider. */
interface Instance {
  pkg: ProviderPackage;
  ctx: Promise<Ctx>;
}

/** A resource type together with the configured provider that manages it. */
export interface ProviderBinding {
  pkg: ProviderPackage;
  ctx: Ctx;
  type: ResourceType;
}

const internal = ["version", "__internal"];

/** The providers of one run, configured once each, by reference. */
export class Providers {
  readonly #packages: Packages;
  readonly #base: Ctx;
  readonly #instances = new Map<string, Instance>();
  /** What was configured from an earlier state; what it holds open must be ended too. */
  readonly #replaced: Instance[] = [];
  /** Provider states, by reference, to configure from when they are needed. */
  readonly #states = new Map<string, ResourceState>();

  constructor(packages: Packages, base: Ctx) {
    this.#packages = packages;
    this.#base = base;
  }

  package(name: string): ProviderPackage {
    const pkg = Object.hasOwn(this.#packages, name) ? this.#packages[name] : undefined;
    if (pkg) return pkg;
    const known = Object.keys(this.#packages).sort().join(", ");
    throw unsupported(`the provider "${name}" (there are: ${known || "none"})`);
  }

  /** @throws CliError when a program's SDK package is of another major version than the provider here */
  assertVersion(name: string, wanted: string): void {
    const { version } = this.package(name);
    if (wanted === "" || wanted.split(".")[0] === version.split(".")[0]) return;
    throw unsupported(`version ${wanted} of the provider "${name}" (there is ${version})`);
  }

  packageOf(state: Pick<ResourceState, "type">): ProviderPackage {
    return this.package(state.type.split(":")[isProviderType(state.type) ? 2 : 0] ?? "");
  }

  /** Makes a provider known under `<urn>::<id>`; it is configured on first use. */
  add(state: ResourceState): void {
    const reference = `${state.urn}::${state.id ?? ""}`;
    if (this.#states.get(reference) === state) return;
    this.#states.set(reference, state);
    const replaced = this.#instances.get(reference);
    if (replaced) this.#replaced.push(replaced);
    this.#instances.delete(reference);
  }

  /** @throws CliError for a type that isn't supported */
  typeOf(token: string): ResourceType {
    const pkg = this.package(token.split(":")[0] ?? "");
    const type = Object.hasOwn(pkg.resources, token) ? pkg.resources[token] : undefined;
    if (type) return type;
    throw unsupported(`the resource type "${token}"`);
  }

  /**
   * Has the inputs that the state records checked: what they hold and this engine doesn't know would be lost. Wrong
   * values don't matter here.
   * @throws CliError for a type or a property that isn't supported
   */
  async assertSupported(state: ResourceState): Promise<void> {
    const type = this.typeOf(state.type);
    try {
      await type.check(this.#base, state.urn, undefined, forProvider(state.inputs), new Uint8Array(32));
    } catch (error) {
      throw error instanceof UnsupportedError ? unsupported(`${state.urn}: ${error.message}`) : error;
    }
  }

  async bind(state: Pick<ResourceState, "type" | "provider" | "urn">): Promise<ProviderBinding> {
    const { pkg, ctx } = this.#instance(state.provider ?? "", state.urn);
    return { pkg, ctx: await ctx, type: this.typeOf(state.type) };
  }

  #instance(reference: string, user: string): Instance {
    const state = this.#states.get(reference);
    if (!state) {
      throw new CliError(`${user}: its provider ${parseReference(reference).urn} isn't known`);
    }
    let instance = this.#instances.get(reference);
    if (!instance) {
      const pkg = this.packageOf(state);
      const config = Object.fromEntries(
        Object.entries(state.inputs).filter(([key]) => !internal.includes(key)),
      );
      instance = { pkg, ctx: pkg.configure(forProvider(config), this.#base) };
      this.#instances.set(reference, instance);
    }
    return instance;
  }

  /** Ends what the providers hold open. Errors here change nothing any more. */
  async close(): Promise<void> {
    const closing = [...this.#replaced, ...this.#instances.values()].map(async ({ pkg, ctx }) =>
      pkg.close(await ctx),
    );
    await Promise.allSettled(closing);
  }
}

/** Marks what is secret in the outputs of a provider. */
export function markSecretOutputs(binding: ProviderBinding, state: ResourceState, outputs: Props): Props {
  const names = [...binding.pkg.secretOutputs(state.type), ...(state.additionalSecretOutputs ?? [])];
  return markSecrets(inheritSecrets(outputs, state.inputs), names);
}

/** What a provider threw, with the pointer to the official CLI where it needs one. */
export function providerError(error: unknown): Error {
  if (error instanceof UnsupportedError) return unsupported(error.message);
  return error instanceof Error ? error : new Error(messageOf(error));
}

/** Asks for a diff; a resource type's own errors are named with the resource. */
export async function diffResource(
  binding: ProviderBinding,
  state: Pick<ResourceState, "urn" | "id" | "inputs" | "outputs">,
  news: Props,
  ignored: readonly string[],
): Promise<DiffResult> {
  const { urn, id, inputs, outputs } = state;
  const diff = await binding.type.diff(
    binding.ctx,
    id ?? "",
    urn,
    forProvider(inputs),
    forProvider(outputs),
    forProvider(news),
  );
  return withoutIgnored(diff, ignored);
}
