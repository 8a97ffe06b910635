import { BailError } from "../errors.ts";
import { dependenciesOf, isDefaultProvider, type ResourceState } from "../state/types.ts";
import type { Run } from "./run.ts";
import { remove } from "./steps.ts";

/**
 * Deletes resources, each as soon as those that depend on it are deleted; independent ones at the same time. When one
 * fails, nothing that it depends on is deleted.
 */
export async function deleteAll(run: Run, states: readonly ResourceState[]): Promise<void> {
  const members = new Set(states);
  // Dependencies point backwards in the state; the order also distinguishes several resources of one URN.
  const order = run.snapshot.current().resources.filter((state) => members.has(state));
  const deletedUrns = new Set(order.map((state) => state.urn));
  const dependents = new Map<ResourceState, ResourceState[]>(order.map((state) => [state, []]));
  const byUrn = new Map<string, ResourceState[]>();
  for (const state of order) {
    for (const urn of dependenciesOf(state)) {
      for (const dependency of byUrn.get(urn) ?? []) dependents.get(dependency)?.push(state);
    }
    byUrn.set(state.urn, [...(byUrn.get(state.urn) ?? []), state]);
  }
  const deletions = new Map<ResourceState, Promise<boolean>>();
  for (const state of order.toReversed()) {
    const before = (dependents.get(state) ?? []).map(
      (blocker) => deletions.get(blocker) ?? Promise.resolve(true),
    );
    deletions.set(
      state,
      Promise.all(before).then(
        (done) => done.every(Boolean) && deleteOne(run, state, (urn) => deletedUrns.has(urn)),
      ),
    );
  }
  await Promise.all(deletions.values());
}

async function deleteOne(
  run: Run,
  state: ResourceState,
  alsoDeleted: (urn: string) => boolean,
): Promise<boolean> {
  try {
    if (state.pendingReplacement) {
      // Already deleted; its replacement was never created.
      await run.snapshot.replace({ removed: state });
      if (!isDefaultProvider(state.urn)) run.changes.delete = (run.changes.delete ?? 0) + 1;
      return true;
    }
    const op = state.delete ? "delete-replaced" : "delete";
    await remove(run, state, { op, pending: false }, alsoDeleted);
    return true;
  } catch (error) {
    if (!(error instanceof BailError)) run.fail(error, state.urn);
    return false;
  }
}

/** What an update has to delete: replaced resources, and those that the program doesn't declare any more. */
export function resourcesToDelete(run: Run): ResourceState[] {
  const fresh = new Set(run.news.values());
  return run.snapshot
    .current()
    .resources.filter((state) => !fresh.has(state) && (state.delete || !run.news.has(state.urn)))
    .filter((state) => state.delete || run.options.targets.includes(state));
}
