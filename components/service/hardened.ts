import type * as docker from "@pulumi/docker";
import { toCpus, toGoDuration, toMebibytes } from "../../config/units.ts";

/** What a container is allowed; everything else is refused. */
export interface Limits {
  /** Bytes. */
  memory: number;
  cpus: number;
  /** Linux capabilities, as `CAP_…`; none when absent. */
  capabilities?: string[];
  readOnly?: boolean;
  /** Folders in memory: path → mount options. */
  tmpfs?: Record<string, string>;
  /** Seconds between SIGTERM and SIGKILL. */
  stop: number;
  /** Value of the labels `service` and `app`, which the log driver writes into each line (A22). */
  service: string;
  app: string;
}

/**
 * The part of every container's arguments that makes it a good tenant: limits, no new privileges, no capabilities,
 * read-only root, rotated logs, restart policy (H22). `memorySwap` equals `memory`: no swap, and without it the
 * provider would report a change at every preview.
 */
export function hardened(limits: Limits): Partial<docker.ContainerArgs> {
  const { capabilities = [], readOnly = true, tmpfs = { "/tmp": "rw,noexec,nosuid,size=64m" } } = limits;
  return {
    memory: toMebibytes(limits.memory),
    memorySwap: toMebibytes(limits.memory),
    cpus: toCpus(limits.cpus),
    restart: "unless-stopped",
    securityOpts: ["no-new-privileges"],
    capabilities: { drops: ["ALL"], adds: capabilities },
    readOnly,
    tmpfs,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3", labels: "service,app" },
    labels: [
      { label: "app", value: limits.app },
      { label: "managed-by", value: "fairlead" },
      { label: "service", value: limits.service },
    ],
    stopTimeout: Math.ceil(limits.stop),
    destroyGraceSeconds: Math.ceil(limits.stop),
  };
}

/** A health check as the docker provider wants it; times in seconds. */
export function healthcheck(
  tests: string[],
  times: { interval: number; timeout: number; retries: number; startPeriod?: number },
): NonNullable<docker.ContainerArgs["healthcheck"]> {
  return {
    tests,
    interval: toGoDuration(times.interval),
    timeout: toGoDuration(times.timeout),
    retries: times.retries,
    startPeriod: toGoDuration(times.startPeriod ?? 10),
  };
}

/** Changes that the docker provider ignores unless they replace the container. */
export const IGNORED_BY_PROVIDER = ["healthcheck", "tmpfs", "init"];

/** A read-only bind mount. */
export function readOnlyMount(
  source: string,
  target: string,
): { type: string; source: string; target: string; readOnly: boolean } {
  return { type: "bind", source, target, readOnly: true };
}
