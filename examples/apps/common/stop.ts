import type { Server } from "node:http";
import type { Logger } from "./log.ts";

/** The steps of a graceful stop, all times in seconds. */
export interface StopPlan {
  server: Server;
  log: Logger;
  /** How long requests are still accepted, while health already says no. */
  drainSeconds: number;
  /** From the signal to the end, drain included; what still runs then is cut. */
  shutdownSeconds: number;
  /** Called at the signal: health turns bad, answers say `Connection: close`. */
  drain: () => void;
  /** Called after the drain: say goodbye on connections that would never end by themselves. */
  farewell: () => void;
  /** Called when the last request is answered: close pools. */
  release: () => Promise<void>;
}

/**
 * Ends the process on SIGTERM (as PID 1, where nothing else would) without breaking a request: drain, farewell,
 * wait for what runs, release, exit 0. Exit 1 when the time is over before that. SIGINT (Ctrl-C) skips the drain.
 * A second signal exits at once.
 */
export function stopOnSignal(plan: StopPlan): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) {
        plan.log.warn({ signal }, "second signal: exit at once");
        process.exit(1);
      }
      stopping = true;
      void stop(plan, signal);
    });
  }
}

async function stop(plan: StopPlan, signal: "SIGTERM" | "SIGINT"): Promise<void> {
  const { server, log } = plan;
  const drainSeconds = signal === "SIGINT" ? 0 : plan.drainSeconds;
  log.info({ signal, drainSeconds, shutdownSeconds: plan.shutdownSeconds }, "stopping");
  setTimeout(() => {
    log.error({ shutdownSeconds: plan.shutdownSeconds }, "time is over: requests are cut");
    process.exit(1);
  }, plan.shutdownSeconds * 1000).unref();

  plan.drain();
  await new Promise((resolve) => setTimeout(resolve, drainSeconds * 1000));
  const closed = new Promise((resolve) => server.close(resolve));
  plan.farewell();
  // A connection can turn idle after this moment, when its last answer ends: look again until none is left.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
  await plan.release();
  log.info("stopped");
  process.exit(0);
}
