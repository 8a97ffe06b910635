import type { Goal } from "../../src/deploy/goal.ts";
import { deleteAll, resourcesToDelete } from "../../src/deploy/deletions.ts";
import { recoverPendingOperations } from "../../src/deploy/pendingOperations.ts";
import { Planner } from "../../src/deploy/planner.ts";
import { Providers } from "../../src/deploy/providers.ts";
import { refresh } from "../../src/deploy/refresh.ts";
import { Run } from "../../src/deploy/run.ts";
import { Targets } from "../../src/deploy/targets.ts";
import { Bus, type Changes, type EngineEvent } from "../../src/events/bus.ts";
import type { Ctx, Props, ProviderPackage } from "../../src/providers/contract.ts";
import { decodeResource, encodeResource, stateSecrets } from "../../src/state/checkpoint.ts";
import { Snapshot } from "../../src/state/snapshot.ts";
import type { Deployment, ResourceState } from "../../src/state/types.ts";
import { findCorruption } from "../../src/state/verify.ts";
import { Mask } from "../../src/values/mask.ts";
import { fakePackage, type World } from "./world.ts";

/** One resource of a test's program; `needs` are names whose id becomes a `hard` (or `soft`) input. */
export interface Want {
  name: string;
  inputs?: Props;
  hard?: string[];
  soft?: string[];
  options?: Partial<Goal>;
  /** Names of resources for the option of the same name. */
  dependsOn?: string[];
  deletedWith?: string;
  component?: boolean;
  parent?: string;
}

export interface SessionOptions {
  preview?: boolean;
  targets?: string[];
  targetDependents?: boolean;
  parallel?: number;
  packages?: Record<string, ProviderPackage>;
  refresh?: boolean;
  /** Called at each write of the state; throws or returns false once the engine is "killed". */
  onWrite?: () => boolean;
}

export interface Outcome {
  state: Deployment;
  events: EngineEvent[];
  changes: Changes;
  failed: boolean;
  /** States by name of the resource. */
  made: Map<string, ResourceState>;
  messages: string[];
}

const clear = (changes: Changes): void => {
  for (const op of Object.keys(changes)) delete changes[op as "same"];
};

const names = { stack: "test", project: "unit" };
const plain = stateSecrets(undefined, true);

/** The state as a file would keep it: nothing is shared between two runs. */
export function stored(deployment: Deployment): Deployment {
  const copy = (state: ResourceState): ResourceState => {
    const json = JSON.stringify(encodeResource(state, plain));
    return decodeResource(JSON.parse(json) as Parameters<typeof decodeResource>[0], plain);
  };
  return {
    ...deployment,
    resources: deployment.resources.map(copy),
    pendingOperations: deployment.pendingOperations.map((o) => ({ ...o, resource: copy(o.resource) })),
  };
}

export const empty: Deployment = { resources: [], pendingOperations: [], metadata: {} };

/** Runs the engine's core over a program that is plain data, against a fake world: no processes, no files. */
export class Session {
  readonly world: World;
  state: Deployment = empty;

  constructor(world: World) {
    this.world = world;
  }

  up(program: readonly Want[], options: SessionOptions = {}): Promise<Outcome> {
    return this.#perform(options, async (run) => {
      await recoverPendingOperations(run, this.state.pendingOperations);
      if (options.refresh) await refresh(run);
      clear(run.changes);
      const made = await this.#program(run, program);
      if (!run.failed) await deleteAll(run, resourcesToDelete(run));
      return made;
    });
  }

  destroy(options: SessionOptions = {}): Promise<Outcome> {
    return this.#perform(options, async (run) => {
      await deleteAll(run, run.options.targets.deletions(run.base));
      return new Map();
    });
  }

  refresh(options: SessionOptions = {}): Promise<Outcome> {
    return this.#perform(options, async (run) => {
      await refresh(run);
      return new Map();
    });
  }

  async #perform(
    options: SessionOptions,
    work: (run: Run) => Promise<Map<string, ResourceState>>,
  ): Promise<Outcome> {
    const bus = new Bus();
    const events: EngineEvent[] = [];
    bus.listen((event) => events.push(event));
    const write = (deployment: Deployment): void => {
      if (options.onWrite && !options.onWrite()) return;
      const problem = findCorruption(deployment.resources);
      if (problem) this.world.violations.push(`unsound state: ${problem}`);
      this.state = stored(deployment);
    };
    const snapshot = new Snapshot(stored(this.state), options.preview ? undefined : write);
    const context: Ctx = {
      project: names.project,
      stack: names.stack,
      root: import.meta.dirname,
      log: () => undefined,
      signal: new AbortController().signal,
    };
    const packages = options.packages ?? { fake: fakePackage(this.world) };
    const run = new Run(
      {
        names,
        preview: options.preview ?? false,
        parallel: options.parallel ?? 8,
        targets: new Targets(options.targets ?? [], options.targetDependents ?? false),
        root: import.meta.dirname,
        seed: "seed",
      },
      bus,
      snapshot,
      new Providers(packages, context),
      new Mask(),
    );
    let made = new Map<string, ResourceState>();
    try {
      made = await work(run);
    } catch (error) {
      run.fail(error);
    }
    await run.idle();
    await snapshot.close();
    const messages = events.flatMap((e) => (e.kind === "diag" ? [e.message.trim()] : []));
    return { state: this.state, events, changes: run.changes, failed: run.failed, made, messages };
  }

  async #program(run: Run, program: readonly Want[]): Promise<Map<string, ResourceState>> {
    const planner = new Planner(run);
    const stack = await planner.register({
      ...goal,
      type: "pulumi:pulumi:Stack",
      name: "unit-test",
      custom: false,
    });
    const root = stack.state.urn;
    const provider = await planner.register({
      ...goal,
      type: "pulumi:providers:fake",
      name: "default_1_0_0",
    });
    const reference = `${provider.state.urn}::${provider.state.id ?? ""}`;
    const made = new Map<string, ResourceState>();
    const running = new Map<string, Promise<ResourceState>>();
    for (const want of program) {
      const needs = [...(want.hard ?? []), ...(want.soft ?? []), ...(want.dependsOn ?? [])];
      if (want.deletedWith) needs.push(want.deletedWith);
      if (want.parent) needs.push(want.parent);
      const register = async (): Promise<ResourceState> => {
        const found = new Map<string, ResourceState>();
        for (const name of needs) found.set(name, (await running.get(name)) as ResourceState);
        const state = (await planner.register(goalOf(want, found, root, reference))).state;
        made.set(want.name, state);
        return state;
      };
      const promise = register();
      promise.catch(() => undefined);
      running.set(want.name, promise);
    }
    const results = await Promise.allSettled(running.values());
    const failure = results.find((r) => r.status === "rejected");
    if (failure) throw failure.reason;
    return made;
  }
}

const goal: Goal = {
  type: "fake:index:Thing",
  name: "",
  custom: true,
  inputs: {},
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
};

function goalOf(want: Want, found: ReadonlyMap<string, ResourceState>, root: string, provider: string): Goal {
  const urns = (list: string[] = []): string[] => list.map((name) => found.get(name)?.urn ?? "");
  const ids = (list: string[] = []): Props[string] => list.map((name) => found.get(name)?.id || UNKNOWN_ID);
  const { hard, soft } = want;
  return {
    ...goal,
    name: want.name,
    ...(want.component ? { type: "unit:index:Group", custom: false } : { provider }),
    parent: want.parent ? (found.get(want.parent)?.urn ?? "") : root,
    inputs: { ...want.inputs, ...(hard ? { hard: ids(hard) } : {}), ...(soft ? { soft: ids(soft) } : {}) },
    dependencies: urns([...(hard ?? []), ...(soft ?? []), ...(want.dependsOn ?? [])]),
    propertyDependencies: { ...(hard ? { hard: urns(hard) } : {}), ...(soft ? { soft: urns(soft) } : {}) },
    deletedWith: want.deletedWith ? (found.get(want.deletedWith)?.urn ?? "") : "",
    ...want.options,
  };
}

const UNKNOWN_ID = "not-yet-known";

/** The URN of a test's resource. */
export const urnOf = (name: string): string => `urn:pulumi:test::unit::fake:index:Thing::${name}`;
