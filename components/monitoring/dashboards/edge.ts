import { HAPROXY, NGINX, PROBE, SERVER } from "../../../config/metrics.ts";
import { dashboard } from "./common.ts";
import { falling, line, query, stat, table, YES, type Dashboard, type Panel, type Watched } from "./panel.ts";
import { requestRate, responsesByClass } from "./requests.ts";

const DAY = 86_400;
const APPS = '{app!=""}';
const byApp = (name: string): string => `sum by (app) (rate(${name}${APPS}[5m]))`;

/** Seconds that the certificate has left. */
export const certificate = (): Panel =>
  stat("certificate", {
    title: "Certificate",
    description: "Time until it ends. It is renewed when a third of its life is left.",
    unit: "seconds",
    queries: [query(`min(${SERVER.certificateEnd}) - time()`, "left")],
    thresholds: falling(7 * DAY, 14 * DAY),
  });

const now: Panel[] = [
  stat("edge-up", {
    title: "Nginx answers",
    description: "Whether its status page does.",
    unit: "count",
    queries: [query(`max(${NGINX.up})`, "up")],
    thresholds: YES,
  }),
  certificate(),
  stat("edge-connections-now", {
    title: "Connections",
    description: "Of visitors, at this moment.",
    unit: "count",
    queries: [query(`sum(${NGINX.active})`, "connections")],
  }),
];

const edgeWork: Panel[] = [
  line("edge-requests", {
    title: "Requests at the edge",
    description: "A second, static files and refused ones among them.",
    unit: "rate",
    queries: [query(`rate(${NGINX.requests}[5m])`, "requests")],
  }),
  line("edge-connections", {
    title: "Connections by state",
    description: "Reading a request, writing an answer, or waiting for the next request.",
    unit: "count",
    queries: [
      query(NGINX.reading, "reading"),
      query(NGINX.writing, "writing"),
      query(NGINX.waiting, "waiting"),
    ],
  }),
  line("edge-dropped", {
    title: "Connections dropped",
    description: "A second: accepted and not handled, because a limit was reached.",
    unit: "rate",
    queries: [query(`rate(${NGINX.accepted}[5m]) - rate(${NGINX.handled}[5m])`, "dropped")],
  }),
];

const switchWork: Panel[] = [
  requestRate(),
  responsesByClass(),
  line("switch-response-time", {
    title: "Mean response time",
    description: "Of the last 1,024 requests of each application, as HAProxy measures it.",
    unit: "seconds",
    queries: [query(`max by (app) (${HAPROXY.responseTime}${APPS})`, "{{app}}")],
  }),
  line("switch-sessions", {
    title: "Sessions",
    description: "Open at the traffic switch, and requests that wait for a free place.",
    unit: "count",
    queries: [
      query(`sum by (app) (${HAPROXY.sessions}${APPS})`, "{{app}}"),
      query(`sum by (app) (${HAPROXY.queue}${APPS}) > 0`, "{{app}} waiting"),
    ],
  }),
  line("switch-bytes", {
    title: "Bytes",
    description: "A second, over all applications.",
    unit: "byteRate",
    queries: [
      query(`sum(rate(${HAPROXY.bytesIn}${APPS}[5m]))`, "from visitors"),
      query(`sum(rate(${HAPROXY.bytesOut}${APPS}[5m]))`, "to visitors"),
    ],
  }),
  line("switch-retries", {
    title: "Failed connections and retries",
    description: "A second. Visitors don't notice a retry that works.",
    unit: "rate",
    queries: [
      query(byApp(HAPROXY.connectionErrors), "{{app}} failed"),
      query(byApp(HAPROXY.retries), "{{app}} tried again"),
    ],
  }),
];

const outside: Panel[] = [
  table("probes", {
    title: "Seen through the public name",
    description: "1: the address answered as it must.",
    unit: "count",
    queries: [query(PROBE.success, "{{job}} {{instance}}")],
    thresholds: YES,
  }),
  line("probe-duration", {
    title: "Time of a probe",
    description: "Name, connection, TLS and answer together.",
    unit: "seconds",
    queries: [query(PROBE.duration, "{{job}} {{instance}}")],
    width: 12,
  }),
];

export const edge = (watched: Watched): Dashboard =>
  dashboard(watched, "edge", {
    title: "Edge and traffic switch",
    description: "Nginx, HAProxy, the certificate, and what is seen through the public name.",
    sections: [
      { title: "Now", panels: now },
      { title: "Nginx", panels: edgeWork },
      { title: "HAProxy", panels: switchWork },
      { title: "From outside", panels: outside },
    ],
  });
