import { BailError, unsupported } from "../errors.ts";
import { Planner } from "../deploy/planner.ts";
import type { Goal } from "../deploy/goal.ts";
import type { Run } from "../deploy/run.ts";
import { isProviderType, providerType, type ResourceState } from "../state/types.ts";
import { equal, UNKNOWN_STRING } from "../values/value.ts";
import { UNKNOWN, type Props } from "../providers/contract.ts";
import { fromWire, goalOf, toWire } from "./goals.ts";
import { empty, resource as pb, type Resource } from "./protos.ts";
import { StatusError, type Method } from "./server.ts";

/**
 * What the SDK may send. Transforms and hooks are listed so that they arrive here and are refused by name; otherwise the
 * SDK would ask for a newer CLI. In the order of the protocol's numbers.
 */
const features = [
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "replacementTrigger",
  "deletedWith",
  "replaceWith",
  "transforms",
  "invokeTransforms",
  "parameterization",
  "resourceHooks",
  "errorHooks",
];
const { RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON: invokeDependsOn } = pb.ResourceMonitorFeature;

/** Serves the program: turns its requests into registrations and answers with what became of them. */
export class Monitor {
  readonly #run: Run;
  readonly #planner: Planner;
  readonly #config: Readonly<Record<string, string>>;
  readonly #defaults = new Map<string, Promise<string>>();
  readonly #components = new Map<string, Map<string, string>>();
  /** Rejects when the run stops. */
  readonly #stop: Promise<never>;

  constructor(run: Run, config: Readonly<Record<string, string>>) {
    this.#run = run;
    this.#planner = new Planner(run);
    this.#config = config;
    this.#stop = new Promise((_, reject) => {
      run.onStop(() => reject(new StatusError("UNAVAILABLE", "resource monitor shut down")));
    });
    this.#stop.catch(() => undefined);
  }

  methods(): Record<string, Method<never>> {
    const untilStopped = <R, T>(method: (request: R) => Promise<T>): Method<R> => {
      // A refused or failed request has been shown; the program only learns that it is over.
      const shown = (error: unknown): never => {
        this.#run.fail(error);
        throw new StatusError("UNAVAILABLE", "resource monitor shut down");
      };
      return (request) => Promise.race([method(request).catch(shown), this.#stop]);
    };
    const refuse = <R>(what: string | ((request: R) => string)): Method<R> =>
      untilStopped((request) => Promise.reject(unsupported(typeof what === "string" ? what : what(request))));
    return {
      supportsFeature: (request: Resource.SupportsFeatureRequest) => {
        const response = new pb.SupportsFeatureResponse();
        response.setHassupport(features.includes(request.getId()));
        return response;
      },
      getDeploymentInfo: () => this.#info(),
      registerResource: untilStopped((request: Resource.RegisterResourceRequest) => this.#register(request)),
      registerResourceOutputs: untilStopped((request: Resource.RegisterResourceOutputsRequest) =>
        this.#outputs(request),
      ),
      readResource: refuse(
        (r: Resource.ReadResourceRequest) =>
          `${r.getType()} "${r.getName()}": reading what the stack doesn't own (get, StackReference)`,
      ),
      invoke: refuse((r: Resource.ResourceInvokeRequest) => `the function "${r.getTok()}"`),
      signalAndWaitForShutdown: () => new empty.Empty(),
      call: refuse("a call of a resource's method"),
      existsResource: refuse("the check whether a resource exists"),
      registerStackTransform: refuse("a stack transform"),
      registerStackInvokeTransform: refuse("an invoke transform"),
      registerResourceHook: refuse("a resource hook"),
      registerErrorHook: refuse("an error hook"),
      registerPackage: refuse("a parameterized package"),
    } as Record<string, Method<never>>;
  }

  #info(): Resource.DeploymentInfo {
    const { names, preview, parallel } = this.#run.options;
    const info = new pb.DeploymentInfo();
    info.setProject(names.project).setStack(names.stack).setOrganization("organization");
    info.setDryrun(preview).setParallel(parallel);
    info.setSupportedfeaturesList([...features.keys(), invokeDependsOn]);
    return info;
  }

  async #register(request: Resource.RegisterResourceRequest): Promise<Resource.RegisterResourceResponse> {
    const goal = goalOf(request, this.#run.options.root);
    const providers = new Map(request.getProvidersMap().entries());
    if (goal.custom && !isProviderType(goal.type)) {
      this.#run.providers.typeOf(goal.type);
      goal.provider = await this.#providerFor(goal, request.getVersion(), providers);
    } else {
      goal.provider = "";
      if (isProviderType(goal.type)) goal.inputs = this.#providerInputs(goal, request.getVersion());
    }
    const { state, skipped } = await this.#planner.register(goal);
    if (!goal.custom) {
      const inherited = this.#components.get(goal.parent) ?? new Map<string, string>();
      this.#components.set(state.urn, new Map([...inherited, ...providers]));
    }
    const response = new pb.RegisterResourceResponse();
    response.setUrn(state.urn).setId(visibleId(state)).setUnknown(skipped);
    response.setResult(pb.Result.SUCCESS);
    response.setObject(toWire(goal.custom ? this.#visible(state) : {}));
    return response;
  }

  /** Unknown outputs are left out: in a preview, the SDK takes what is absent as unknown. */
  #visible(state: ResourceState): Props {
    return Object.fromEntries(Object.entries(state.outputs).filter(([, v]) => v !== UNKNOWN));
  }

  #providerInputs(goal: Goal, version: string): Props {
    const pkg = this.#run.providers.packageOf(goal);
    this.#run.providers.assertVersion(pkg.name, version);
    return { ...goal.inputs, version: version || pkg.version };
  }

  /** The provider that the resource names, or that its parents hand down, or the default one. */
  async #providerFor(goal: Goal, version: string, own: ReadonlyMap<string, string>): Promise<string> {
    const pkg = goal.type.split(":")[0] ?? "";
    const explicit = goal.provider || own.get(pkg) || this.#components.get(goal.parent)?.get(pkg);
    return explicit || this.#defaultProvider(pkg, version);
  }

  #defaultProvider(pkg: string, version: string): Promise<string> {
    this.#run.providers.assertVersion(pkg, version);
    const name = version ? `default_${version.replace(/[.+-]/g, "_")}` : "default";
    const key = `${pkg}:${name}`;
    let reference = this.#defaults.get(key);
    if (!reference) this.#defaults.set(key, (reference = this.#makeDefault(pkg, name, version)));
    return reference;
  }

  async #makeDefault(pkg: string, name: string, version: string): Promise<string> {
    const prefix = `${pkg}:`;
    const config = Object.entries(this.#config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value] as const);
    const inputs: Props = { ...Object.fromEntries(config), ...(version ? { version } : {}) };
    const { state } = await this.#planner.register({
      type: providerType(pkg),
      name,
      custom: true,
      inputs,
      parent: "",
      dependencies: [],
      propertyDependencies: {},
      provider: "",
      protect: false,
      retainOnDelete: false,
      deleteBeforeReplace: undefined,
      deletedWith: "",
      ignoreChanges: [],
      replaceOnChanges: [],
      additionalSecretOutputs: [],
      aliases: [],
      customTimeouts: {},
      sourcePosition: "",
      stackTrace: [],
    });
    return `${state.urn}::${state.id ?? ""}`;
  }

  async #outputs(request: Resource.RegisterResourceOutputsRequest): Promise<unknown> {
    const run = this.#run;
    const state = run.news.get(request.getUrn());
    if (!state) throw new BailError(`registerResourceOutputs of ${request.getUrn()}, which isn't registered`);
    const outputs = fromWire(request.getOutputs());
    run.mask.learn(outputs);
    const before = state.outputs;
    const unchanged =
      equal(before, outputs) && JSON.stringify(toWire(before)) === JSON.stringify(toWire(outputs));
    state.outputs = unchanged ? before : outputs;
    const old = run.olds.get(state.urn);
    const op = old === undefined ? "create" : equal(old.inputs, state.inputs) ? "same" : "update";
    if (!unchanged) await run.snapshot.touch();
    run.bus.emit({ kind: "outputs", step: { op, urn: state.urn, old, new: state, logical: true } });
    return new empty.Empty();
  }
}

const visibleId = (state: ResourceState): string => (state.id === UNKNOWN_STRING ? "" : (state.id ?? ""));
