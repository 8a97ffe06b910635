import type { ServiceHealth } from "../service/container.ts";

/** Seconds, as for the other services. */
export const EVERY = { interval: 15, timeout: 5, retries: 4 };

/** Whether a container's own page answers: official images have BusyBox's wget, ours have bash. */
export function answering(port: number, path: string, times: Omit<ServiceHealth, "test">): ServiceHealth {
  const url = `http://127.0.0.1:${port}${path}`;
  const test = `wget -q -O /dev/null ${url} || bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}'`;
  return { test: ["CMD-SHELL", test], ...times };
}
