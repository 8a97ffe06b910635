/**
 * Workers of Nginx, or threads of HAProxy, for a container that may use so many processors: by themselves both would start
 * one for each processor of the server. Never fewer than two: one may wait for a disk.
 */
export function workersFor(cpus: number): number {
  return Math.max(2, Math.ceil(cpus));
}

/**
 * Limit of processes, which counts threads: the present generation, the next one while a reload takes over, the
 * generations of earlier reloads that may go on, and what a check or a person runs in the container.
 */
export function pidsFor(cpus: number, oldProcesses: number): number {
  return Math.max(128, (oldProcesses + 2) * (workersFor(cpus) + 1) + 32);
}
