import type { TrafficSwitch } from "../../config/schema/edge.ts";

/**
 * How many reloads a process of HAProxy may outlive. An update reloads it once for each application that is new or changes
 * its structure, and for each upstream: however many these are, what was open before it counts one update, not its parts.
 */
export function outlivedReloads({ oldProcesses }: TrafficSwitch, parts: number): number {
  return oldProcesses + parts;
}
