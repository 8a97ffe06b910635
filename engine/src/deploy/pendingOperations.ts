import type { Operation } from "../state/types.ts";
import { refresh } from "./refresh.ts";
import type { Run } from "./run.ts";

/**
 * Deals with the steps that an earlier run didn't finish, because it or its machine died. It reports them and reads what
 * was being updated or deleted: what doesn't exist any more leaves the state, the rest is updated even without a diff.
 */
export async function recoverPendingOperations(run: Run, operations: readonly Operation[]): Promise<void> {
  if (operations.length === 0) return;
  const list = operations
    .map(({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}\n`)
    .join("");
  const creating = operations.some(({ type }) => type === "creating");
  run.diag(
    "warning",
    `an earlier update was interrupted with ${operations.length} pending operation(s):\n${list}` +
      (creating
        ? "What was being created may exist without being in the state: look for it, then create it again with " +
          "`pulumi up`, or forget it with `pulumi refresh --clear-pending-creates`."
        : ""),
  );
  for (const { type, resource } of operations) {
    if (type === "updating" || type === "deleting") run.interrupted.add(resource.urn);
  }
  if (run.interrupted.size > 0) await refresh(run, (state) => run.interrupted.has(state.urn));
  if (!run.failed) run.snapshot.clearPendingOperations(false);
}
