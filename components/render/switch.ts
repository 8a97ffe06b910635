import type { App } from "../../config/schema/app.ts";
import type { Edge, Monitoring, TrafficSwitch } from "../../config/schema/edge.ts";
import { toWholeTime } from "../../config/units.ts";
import { asset } from "../assets.ts";
import { fill } from "./fill.ts";

/** `haproxy.cfg` without the applications. */
export function haproxyCfg(settings: TrafficSwitch, edge: Edge, monitoring: Monitoring): string {
  return fill(asset("switch/haproxy.cfg"), {
    maxConnections: settings.maxConnections,
    hardStopAfter: toWholeTime(settings.hardStopAfter),
    oldProcesses: settings.oldProcesses,
    idle: toWholeTime(edge.proxyTimeout),
    tunnel: toWholeTime(edge.websocketTimeout),
    metrics: monitoring.switchMetrics
      ? "http-request use-service prometheus-exporter if { path /metrics }"
      : "",
  });
}

/** Frontend and backend of one application, without its servers: those belong to the releases. */
export function backendCfg(app: string, { health }: Pick<App, "health">, domain: string): string {
  return fill(asset("switch/backend.cfg"), { app, domain, healthPath: health.path });
}

/** Options of each server line: found through Docker's DNS, checked each second, twice as often while it is down. */
export const SERVER_OPTIONS =
  "check inter 1s downinter 500ms fall 3 rise 1 resolvers docker resolve-prefer ipv4 init-addr libc,none";

/** Room for a release of eight containers, its successor and two warm ones; the same for all, so that replicas change nothing. */
export const SLOTS = 32;
