import type * as docker from "@pulumi/docker";
import { MAIN, RELEASE, type Worker } from "../../config/processes.ts";
import { publishedPorts } from "./published.ts";
import { hardened, healthcheck } from "../service/hardened.ts";
import { containerArgs } from "./container.ts";
import type { ReleaseArgs } from "./release.ts";

/** Label that tells the processes of an application apart; the web process has none. */
export const PROCESS = "process";

/** Label of processes that stop before their successors start. */
export const SUCCEEDS = "succeeds";

/**
 * Everything that a container of a worker is made from, but its image and its network: as the web process, with its own
 * command, limits and check. One that never runs twice is only made; who hands over starts it (decision 0040).
 */
export function workerArgs(
  identity: string,
  args: ReleaseArgs,
  folder: string,
  worker: Worker,
): Omit<docker.ContainerArgs, "image"> {
  const { server, app } = args;
  const { memory, memorySwap, cpus, labels, stopTimeout, destroyGraceSeconds } = hardened({
    ...worker.resources,
    stop: worker.stop,
    service: app,
    app: server.name,
  });
  const own = [
    ...(labels as { label: string; value: string }[]),
    { label: PROCESS, value: worker.name },
    ...(worker.succeeds ? [{ label: SUCCEEDS, value: "true" }] : []),
  ];
  return {
    ...containerArgs(identity, args, folder),
    // The server has each port once.
    ports: worker.name === MAIN ? publishedPorts(args.settings) : undefined,
    command: worker.command,
    entrypoints: worker.entrypoint,
    memory,
    memorySwap,
    cpus,
    stopTimeout,
    destroyGraceSeconds,
    labels: own,
    // The image's own check may ask for a page.
    healthcheck: healthcheck(
      worker.health.command ? ["CMD", ...worker.health.command] : ["NONE"],
      worker.health,
    ),
    start: worker.succeeds ? false : undefined,
    mustRun: worker.succeeds ? false : undefined,
  };
}

/** The container of the release's own command: made like the others, started once, and kept for its output. */
export function commandArgs(
  identity: string,
  args: ReleaseArgs,
  folder: string,
): Omit<docker.ContainerArgs, "image"> {
  const { settings } = args;
  const { command: _check, ...times } = settings.health;
  return {
    ...workerArgs(identity, args, folder, {
      name: RELEASE,
      command: settings.release?.command,
      entrypoint: settings.entrypoint,
      replicas: 1,
      resources: settings.resources,
      health: times,
      stop: settings.stop,
      succeeds: false,
    }),
    restart: "no",
    start: false,
    mustRun: false,
  };
}
