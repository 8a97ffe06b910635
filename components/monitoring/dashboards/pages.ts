import type { HostFile, HostUnit } from "../../../config/host/index.ts";
import { asset } from "../../lib/assets.ts";
import { sortedJson } from "../../lib/sorted-json.ts";
import type { Dashboard } from "./panel.ts";

/** Where the server draws. */
export interface Place {
  /** Container of Prometheus, by its name. */
  container: string;
  /** Folder of the pages, which the edge serves. */
  folder: string;
}

/** What assets/host/fairlead/dashboards.py draws. */
export function dashboardsFile({ container, folder }: Place, dashboards: readonly Dashboard[]): HostFile {
  return {
    path: "/etc/fairlead/dashboards.json",
    mode: "0644",
    content: `${sortedJson({ container, folder, dashboards })}\n`,
  };
}

/** Draws what is due, every minute: the first page each time, the others less often. */
export function dashboardsUnit(): HostUnit {
  return {
    name: "fairlead-dashboards.timer",
    service: asset("host/units/dashboards.service"),
    timer: asset("host/units/dashboards.timer"),
    enabled: true,
    running: true,
  };
}
