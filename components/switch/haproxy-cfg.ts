import type { Edge, TrafficSwitch } from "../../config/schema/edge.ts";
import type { Monitoring } from "../../config/schema/monitoring.ts";
import { SERVICES } from "../../config/services.ts";
import { toWholeTime } from "../../config/units.ts";
import { workersFor } from "../service/workers.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";

/**
 * `haproxy.cfg` without the applications.
 * @param reloads how many reloads a process may outlive, see {@link outlivedReloads}
 */
export function haproxyCfg(
  settings: TrafficSwitch,
  reloads: number,
  edge: Edge,
  monitoring: Pick<Monitoring, "switchMetrics">,
): string {
  return fill(asset("switch/haproxy.cfg"), {
    port: SERVICES.switch.metricsPort,
    maxConnections: settings.maxConnections,
    threads: workersFor(settings.cpus),
    hardStopAfter: toWholeTime(settings.hardStopAfter),
    oldProcesses: reloads,
    idle: toWholeTime(edge.proxyTimeout),
    tunnel: toWholeTime(edge.websocketTimeout),
    errors: errors(),
    reasons: Object.entries(REASONS)
      .map(([state, reason]) => `regsub(^${state},'${reason}')`)
      .join(","),
    metrics: monitoring.switchMetrics
      ? "http-request use-service prometheus-exporter if { path /metrics }"
      : "",
  });
}

/** Why HAProxy answered by itself (its manual, section 8.5, "session state at disconnection"), in words. */
const REASONS: Record<string, string> = {
  PH: "the answer has headers above 79 kB, or is no HTTP",
  SH: "the application closed the connection before it answered",
  sH: "the application was silent for too long",
  "[Ss]C": "the application takes no connection",
  sQ: "no server of the application became free",
  "[Cc].": "the visitor went away",
  "--": "as configured",
};

/** Statuses that HAProxy itself can answer with (configuration manual, "errorfile"). */
const ERRORS = [400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504];

/**
 * Errors that HAProxy finds before it has a stream. It answers them with a text that can't be replaced, only silenced
 * (h1_send_error in its mux_h1.c); the edge then shows its own page and writes a line into its log.
 */
const EARLY = [400, 408, 413, 422, 501];

/** The others lead the edge to its own page. */
function errors(): string {
  const one = (status: number): string =>
    EARLY.includes(status)
      ? `errorfile ${status} /dev/null`
      : `http-error status ${status} content-type text/plain string "${status}" hdr X-Accel-Redirect /__edge/${status}`;
  return ERRORS.map(one).join("\n");
}

/** Names of the switch's own in haproxy.cfg, without their underscore: its runtime API and its page for the health check. */
const OWN = ["admin", "status"];

/** What the switch calls the upstream of a subdomain: no application's name has an underscore, and none is the switch's own. */
export function upstreamName(label: string): string {
  return OWN.includes(label) ? `_upstream_${label}` : `_${label}`;
}

/**
 * Frontend and backend of each upstream, by the switch's name for it, sorted: the edge is in the server's network and can't
 * resolve their names.
 */
export function upstreamFiles({ subdomains, websocketTimeout }: Edge): Record<string, string> {
  const files = Object.entries(subdomains).flatMap(([label, { upstream }]): [string, string][] => {
    if (!upstream) return [];
    const name = upstreamName(label);
    return [
      [name, fill(asset("switch/upstream.cfg"), { name, upstream, idle: toWholeTime(websocketTimeout) })],
    ];
  });
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}
