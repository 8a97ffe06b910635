import type { App, Route } from "../../config/schema/app.ts";
import type { Edge, Monitoring } from "../../config/schema/edge.ts";
import { asset } from "../assets.ts";
import { fill } from "./fill.ts";

/** What the edge serves. */
export interface Site {
  domain: string;
  /** Port that the outside world uses for HTTPS; 443 on a server, another on a box. */
  httpsPort: number;
  apps: Record<string, Pick<App, "routes">>;
  edge: Edge;
  monitoring: Monitoring;
}

/** Nginx's configuration as files: relative name → text. */
export function edgeFiles(site: Site): Record<string, string> {
  const { domain, edge, httpsPort } = site;
  const routed = Object.keys(site.apps).filter((app) => site.apps[app]!.routes.length > 0);
  return {
    "mime.types": asset("edge/mime.types"),
    "tls.conf": asset("edge/tls.conf"),
    "headers.conf": fill(asset("edge/headers.conf"), { hsts: edge.hsts }),
    "nginx.conf": fill(asset("edge/nginx.conf"), {
      domain,
      canonical: httpsPort === 443 ? domain : `${domain}:${httpsPort}`,
      maxBody: edge.maxBody,
      proxyTimeout: `${edge.proxyTimeout}s`,
      upstreams: routed
        .map((app) => fill(asset("edge/upstream.conf"), { app, keepalive: edge.keepalive }))
        .join(""),
      status: fill(asset("edge/status.conf"), { stub: site.monitoring.edgeStatus ? STUB_STATUS : "" }),
      locations: locations(site).join(""),
    }),
  };
}

const STUB_STATUS = "location = /status {\n  stub_status;\n}";

/** One location a route; the order in the file doesn't matter to Nginx, sorting keeps the text stable. */
function locations({ apps, edge }: Site): string[] {
  const routes = Object.entries(apps).flatMap(([app, { routes }]) => routes.map((route) => ({ app, route })));
  routes.sort((a, b) => (a.route.path < b.route.path ? -1 : 1));
  return routes.map(({ app, route }) =>
    fill(asset("edge/location.conf"), { app, path: route.path, options: options(route, edge).join("\n") }),
  );
}

function options(route: Route, edge: Edge): string[] {
  const lines: string[] = [];
  if (route.websocket) {
    // A location with its own proxy_set_header loses the inherited ones, so all of them stand here again.
    lines.push(
      ...FORWARDED,
      "proxy_set_header Upgrade $http_upgrade;",
      "proxy_set_header Connection $connection_upgrade;",
    );
    lines.push(
      `proxy_read_timeout ${edge.websocketTimeout}s;`,
      `proxy_send_timeout ${edge.websocketTimeout}s;`,
    );
  }
  if (!route.log) lines.push("access_log off;");
  if (route.noStore) lines.push(...NO_STORE);
  return lines;
}

const FORWARDED = [
  "proxy_set_header Host $host;",
  "proxy_set_header X-Real-IP $remote_addr;",
  "proxy_set_header X-Forwarded-For $remote_addr;",
  "proxy_set_header X-Forwarded-Proto $scheme;",
];

/** E30; the security headers again, because a location with its own add_header loses the inherited ones (E19). */
const NO_STORE = [
  "include headers.conf;",
  "proxy_hide_header Cache-Control;",
  'add_header Cache-Control "no-store, no-cache, must-revalidate, proxy-revalidate, max-age=0" always;',
];
