import { CliError } from "../errors.ts";
import { parseReference } from "./types.ts";
import type { Deployment, OperationType, ResourceState } from "./types.ts";
import { dropDangling, findCorruption } from "./verify.ts";

/** Stores a deployment (`last`: the update is over); throws when it can't. */
export type Write = (deployment: Deployment, last: boolean) => void;

/**
 * The state during an update: what the last one left (`base`) and what this one has produced so far. Every mutation is
 * written before its promise resolves; simultaneous mutations are written together.
 */
export class Snapshot {
  #base: ResourceState[];
  readonly #added: ResourceState[] = [];
  readonly #removed = new Set<ResourceState>();
  readonly #running = new Map<ResourceState, OperationType>();
  readonly #renamed = new Map<string, string>();
  #stale: Deployment["pendingOperations"];
  readonly #rest: Pick<Deployment, "salt" | "metadata">;
  readonly #write: Write | undefined;
  #next: Promise<void> | undefined;
  #lastMs = 0;

  /** @param write undefined in previews: nothing is stored */
  constructor(base: Deployment, write: Write | undefined) {
    this.#base = base.resources;
    this.#stale = base.pendingOperations;
    this.#rest = { salt: base.salt, metadata: base.metadata };
    this.#write = write;
  }

  /** The step on `state` begins. */
  begin(type: OperationType, state: ResourceState): Promise<void> {
    this.#running.set(state, type);
    return this.#save();
  }

  /** The step on `state` ended, with or without success: `removed` leaves the state, `added` joins it. */
  end(state: ResourceState, change: { removed?: ResourceState; added?: ResourceState } = {}): Promise<void> {
    this.#running.delete(state);
    this.#apply(change);
    return this.#save();
  }

  /** A change without a provider. With `quiet` it is written together with the next one. */
  async replace(change: { removed?: ResourceState; added?: ResourceState }, quiet = false): Promise<void> {
    this.#apply(change);
    if (!quiet) await this.#save();
  }

  /** A resource changed in place (component outputs, a mark). */
  touch(): Promise<void> {
    return this.#save();
  }

  /** The resource `from` is now called `to` (an alias); references to it are rewritten. */
  rename(from: string, to: string): void {
    this.#renamed.set(from, to);
  }

  /** A refresh found this: the base itself changes. */
  rebase(resources: ResourceState[]): Promise<void> {
    this.#base = resources;
    return this.#save();
  }

  /** Drops pending operations of earlier, interrupted updates: all, or all but creations. */
  clearPendingOperations(creations: boolean): void {
    this.#stale = creations ? [] : this.#stale.filter((o) => o.type === "creating");
  }

  /** Writes what is left and flushes it to the disk. */
  async close(): Promise<void> {
    await this.#next;
    this.#write?.(this.current(), true);
  }

  current(): Deployment {
    const resources = [...this.#added, ...this.#base].filter((r) => !this.#removed.has(r));
    if (this.#renamed.size > 0) for (const state of resources) this.#rewrite(state);
    if (findCorruption(resources)) dropDangling(resources);
    const running = [...this.#running].map(([resource, type]) => ({ resource, type }));
    return { ...this.#rest, resources, pendingOperations: [...running, ...this.#stale] };
  }

  #apply({ removed, added }: { removed?: ResourceState; added?: ResourceState }): void {
    if (removed) this.#removed.add(removed);
    if (!added) return;
    this.#added.push(added);
    this.#stale = this.#stale.filter((o) => o.resource.urn !== added.urn);
  }

  #rewrite(state: ResourceState): void {
    const to = (urn: string): string => this.#renamed.get(urn) ?? urn;
    state.dependencies = state.dependencies.map(to);
    for (const [key, urns] of Object.entries(state.propertyDependencies ?? {})) {
      if (state.propertyDependencies) state.propertyDependencies[key] = urns.map(to);
    }
    if (state.parent) state.parent = to(state.parent);
    if (state.deletedWith) state.deletedWith = to(state.deletedWith);
    if (state.provider) {
      const { urn, id } = parseReference(state.provider);
      state.provider = `${to(urn)}::${id}`;
    }
  }

  /** Joins the next write, or schedules one. Large states are written less often; steps wait for the write. */
  #save(): Promise<void> {
    const write = this.#write;
    if (!write) return Promise.resolve();
    this.#next ??= new Promise<void>((resolve, reject) => {
      const wait = Math.min(2 * this.#lastMs, 200);
      const save = (): void => {
        this.#next = undefined;
        const start = performance.now();
        try {
          write(this.current(), false);
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new CliError(String(error)));
        }
        this.#lastMs = performance.now() - start;
      };
      if (wait < 2) setImmediate(save);
      else setTimeout(save, wait);
    });
    return this.#next;
  }
}
