import { RECORDED } from "../../../config/metrics.ts";
import type { HostFile, HostUnit } from "../../../config/host/index.ts";
import { asset } from "../../lib/assets.ts";
import { sortedJson } from "../../lib/sorted-json.ts";
import type { Dashboard } from "./panel.ts";

/** Where the server draws. */
export interface Place {
  /** Container of Prometheus, by its name. */
  container: string;
  /** Folder of the pages, which the edge serves; none where nobody sees them but `npm run dashboard`. */
  folder?: string;
  /** The page for visitors. */
  status?: StatusPage;
}

/** What visitors may know of the stack. */
export interface StatusPage {
  /** Its folder, which the edge serves to everybody. */
  folder: string;
  title: string;
  /** HAProxy's runtime API, by which the server knows how the services are. */
  socket: string;
  services: readonly Service[];
}

export interface Service {
  app: string;
  /** What visitors call it. */
  title: string;
  /** Share of a day's requests and of its time from which on it counts as good. */
  objective: number;
}

/** What the history of a service is made from. */
const HISTORY = { up: RECORDED.up, requests: RECORDED.requests, errors: RECORDED.errors };

/** What assets/host/fairlead/dashboards.py draws. */
export function dashboardsFile(
  { container, folder, status }: Place,
  dashboards: readonly Dashboard[],
): HostFile {
  const visitors = status && { ...status, queries: HISTORY };
  return {
    path: "/etc/fairlead/dashboards.json",
    mode: "0644",
    content: `${sortedJson({ container, folder, dashboards, status: visitors })}\n`,
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
