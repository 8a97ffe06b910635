import type { Refusal } from "../errors.ts";
import { start, type Handle, type Operation, type Outcome } from "./operation.ts";

/** What came of an update behind a look; without an outcome it was not allowed, and changed nothing. */
export interface Looked {
  refusals: Refusal[];
  interrupted: boolean;
  outcome?: Outcome;
}

/**
 * Runs an update together with a look at it: a preview without output, in which only refusals count. Both start at the
 * same time, since most of it is the start of the program. Until the look is over the update touches nothing that exists,
 * writes no state and says nothing; when something is refused, or the key was pressed, that is how it ends.
 * @param report called once the update is allowed, before the first of its events arrives
 */
export function startBehindLook(
  update: Operation,
  look: Operation,
  report: () => void,
): Pick<Handle, "interrupt"> & { done: Promise<Looked> } {
  const { bus, write } = update;
  const over = Promise.withResolvers<void>();
  let allowed = false;
  bus.hold();
  const first = start(look);
  const second = start({
    ...update,
    allowed: over.promise,
    write: (deployment, last) => (allowed ? write(deployment, last) : undefined),
  });
  const decide = async (): Promise<Looked> => {
    try {
      const { run, interrupted } = await first.done;
      allowed = !interrupted && run.refusals.length === 0;
      return { refusals: run.refusals, interrupted };
    } finally {
      if (allowed) {
        report();
        bus.release();
      } else second.stop();
      over.resolve();
    }
  };
  const done = Promise.all([decide(), second.done]).then(([looked, outcome]) =>
    allowed ? { ...looked, outcome } : looked,
  );
  const interrupt = (): void => {
    if (!allowed) first.interrupt();
    second.interrupt();
  };
  return { done, interrupt };
}
