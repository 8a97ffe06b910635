import type { HostInputs } from "../../config/host/index.ts";
import { hasTraffic } from "../../config/ports.ts";
import type { App } from "../../config/schema/app/index.ts";
import { sortedJson } from "../lib/sorted-json.ts";

/** Label of containers that the server asks: the value says what, for `fairlead live keep`. */
export const LIVE = "live";

/** Label of containers without a check of their own, because the server asks them (decision 0048). */
export const CHECK = "check";

type Checked = Pick<App, "port" | "ports" | "health">;

/**
 * curl and wget know neither other statuses nor, in every image, a Host header: then the server asks. Of what answers no HTTP the
 * switch tries a TCP port.
 */
export function isCheckedOutside(settings: Checked): boolean {
  const { command, live, status, host } = settings.health;
  if (command) return false;
  if (settings.port === undefined) return hasTraffic(settings);
  return live !== undefined || status !== undefined || host !== undefined;
}

/** What the server asks for at the gate, where the container's own check can't run. */
export function gateRequest({ port, health }: Checked): HostInputs["release"]["http"] {
  const { command, path, live, status, host } = health;
  if (command || port === undefined) return undefined;
  return { port, path: live ?? path, status, host };
}

/** Labels of the checks that the server makes; none where there are none. */
export function checkLabels(settings: Checked): { label: string; value: string }[] {
  const { port, health } = settings;
  const { live: path, status, host, interval, timeout, retries, startPeriod } = health;
  const labels = isCheckedOutside(settings) ? [{ label: CHECK, value: "outside" }] : [];
  if (path === undefined || port === undefined) return labels;
  const value = sortedJson({ port, path, status, host, interval, timeout, retries, startPeriod });
  return [...labels, { label: LIVE, value }];
}
