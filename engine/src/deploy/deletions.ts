import { BailError } from "../errors.ts";
import { dependenciesOf, isDefaultProvider, type ResourceState } from "../state/types.ts";
import type { Run } from "./run.ts";
import { remove } from "./steps.ts";

/**
 * Deletes `condemned`, each as soon as all of them that depend on it are gone; what is independent goes at the same time.
 * When one fails, nothing that it depends on is deleted.
 */
export async function deleteAll(run: Run, condemned: readonly ResourceState[]): Promise<void> {
  const list = new Set(condemned);
  // Dependencies point backwards in the state, which also tells apart several resources of one URN.
  const order = run.snapshot.current().resources.filter((state) => list.has(state));
  const going = new Set(order.map((state) => state.urn));
  const blockers = new Map<ResourceState, ResourceState[]>(order.map((state) => [state, []]));
  const byUrn = new Map<string, ResourceState[]>();
  for (const state of order) {
    for (const urn of dependenciesOf(state)) {
      for (const dependency of byUrn.get(urn) ?? []) blockers.get(dependency)?.push(state);
    }
    byUrn.set(state.urn, [...(byUrn.get(state.urn) ?? []), state]);
  }
  const gone = new Map<ResourceState, Promise<boolean>>();
  for (const state of order.toReversed()) {
    const before = (blockers.get(state) ?? []).map((blocker) => gone.get(blocker) ?? Promise.resolve(true));
    gone.set(
      state,
      Promise.all(before).then(
        (done) => done.every(Boolean) && deleteOne(run, state, (urn) => going.has(urn)),
      ),
    );
  }
  await Promise.all(gone.values());
}

async function deleteOne(run: Run, state: ResourceState, others: (urn: string) => boolean): Promise<boolean> {
  try {
    if (state.pendingReplacement) {
      // Already deleted, its replacement never came.
      await run.snapshot.replace({ done: state });
      if (!isDefaultProvider(state.urn)) run.changes.delete = (run.changes.delete ?? 0) + 1;
      return true;
    }
    const op = state.delete ? "delete-replaced" : "delete";
    await remove(run, state, { op, pending: false }, others);
    return true;
  } catch (error) {
    if (!(error instanceof BailError)) run.fail(error, state.urn);
    return false;
  }
}

/** What an update has to delete: replaced ones, and what the program doesn't mention any more. */
export function leftovers(run: Run): ResourceState[] {
  const fresh = new Set(run.news.values());
  return run.snapshot
    .current()
    .resources.filter((state) => !fresh.has(state) && (state.delete || !run.news.has(state.urn)))
    .filter((state) => state.delete || run.options.targets.includes(state));
}
