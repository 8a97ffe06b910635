import type { TrafficSwitch } from "../../config/schema/edge.ts";

/**
 * How many reloads a process of HAProxy may outlive. An update reloads it once for each application that is new or changes
 * its structure: however many these are, what was open before it counts one update, not the applications.
 */
export function outlivedReloads({ oldProcesses }: TrafficSwitch, applications: number): number {
  return oldProcesses + applications;
}
