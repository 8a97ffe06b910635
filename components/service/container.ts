import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceRow } from "../../config/services.ts";
import { hardened, healthcheck } from "./hardened.ts";
import type { Server } from "../host/server.ts";

/** What a service's container is made from, besides its image and its volume. */
export interface ServiceContainer extends Pick<
  docker.ContainerArgs,
  "user" | "command" | "entrypoints" | "envs" | "workingDir" | "shmSize" | "stopSignal" | "hosts"
> {
  limits: ServiceLimits;
  /** Linux capabilities; none without it. */
  capabilities?: string[];
  /** Folders in memory: path → mount options. */
  tmpfs?: Record<string, string>;
  /** Folders and files of the server that it sees; it can't write into them unless that is said. */
  mounts?: ServiceMount[];
  /** What it shares with the server; the row needs an audit exception with the reason for each. */
  namespaces?: ServiceNamespaces;
  health: ServiceHealth;
}

/** What a service may use; anything beyond is refused or kills it. */
export interface ServiceLimits {
  /** Bytes. */
  memory: number;
  cpus: number;
  /** Processes and threads. */
  pids: number;
  /** Seconds between the stop signal and SIGKILL. */
  stop: number;
}

/** A bind mount. */
export interface ServiceMount {
  /** Path on the server. */
  source: string;
  /** Path in the container. */
  target: string;
  writable?: boolean;
}

/** Namespaces of the server that a container joins. */
export interface ServiceNamespaces {
  network?: "host";
  pid?: "host";
}

/** The engine's own check of a container; times in seconds. */
export interface ServiceHealth {
  /** `CMD` and arguments, or `CMD-SHELL` and a line for a shell. */
  test: string[];
  interval: number;
  timeout: number;
  /** Failures in a row that make it unhealthy. */
  retries: number;
  /** Failures that don't count after a start; 10 when absent. */
  startPeriod?: number;
}

/** The audit's check of a namespace, and what it finds in a container that joins the server's. */
const SHARED = {
  network: { check: "docker.5.10", found: "host" },
  pid: { check: "docker.5.16", found: "pid host" },
} as const;

/**
 * Everything about a service's container but its name, image and volume.
 * @throws Error for a namespace of the server without an audit exception: every audit would report it
 */
export function serviceContainer(
  row: ServiceRow,
  server: Pick<Server, "name" | "network">,
  args: ServiceContainer,
): Omit<docker.ContainerArgs, "image"> {
  const { limits, capabilities, tmpfs, mounts, namespaces = {}, health } = args;
  requireExceptions(row, namespaces);
  return {
    ...hardened({
      memory: limits.memory,
      cpus: limits.cpus,
      stop: limits.stop,
      capabilities,
      tmpfs,
      service: row.container,
      app: server.name,
    }),
    user: args.user,
    command: args.command,
    entrypoints: args.entrypoints,
    envs: args.envs,
    workingDir: args.workingDir,
    shmSize: args.shmSize,
    stopSignal: args.stopSignal,
    hosts: args.hosts,
    ...network(row, namespaces, server.network),
    pidMode: namespaces.pid,
    mounts: mounts?.map(bindMount),
    healthcheck: healthcheck(health.test, health),
  };
}

function requireExceptions({ container, auditExceptions = [] }: ServiceRow, shared: ServiceNamespaces): void {
  for (const name of Object.keys(shared) as (keyof ServiceNamespaces)[]) {
    const { check, found } = SHARED[name];
    if (auditExceptions.some((exception) => exception.check === check && exception.allowed.includes(found)))
      continue;
    throw new Error(
      `${container} shares the server's ${name} namespace: its row in config/services.ts needs an audit exception of ${check} for "${found}", with the reason`,
    );
  }
}

/** Under its alias on the private network, or in the server's own. */
function network(
  { alias }: ServiceRow,
  { network: mode }: ServiceNamespaces,
  name: pulumi.Input<string>,
): Pick<docker.ContainerArgs, "networkMode" | "networksAdvanced"> {
  if (mode === "host") return { networkMode: mode };
  return { networksAdvanced: [{ name, aliases: alias === undefined ? [] : [alias] }] };
}

function bindMount({ source, target, writable }: ServiceMount): docker.types.input.ContainerMount {
  return writable ? { type: "bind", source, target } : { type: "bind", source, target, readOnly: true };
}
