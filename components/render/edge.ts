import type { App, Route } from "../../config/schema/app.ts";
import type { Edge, Monitoring } from "../../config/schema/edge.ts";
import { asset } from "../assets.ts";
import { limitZones, routeLimits, siteLimits } from "./edge-limits.ts";
import { fill } from "./fill.ts";
import { redirected, subdomains } from "./names.ts";

/** What the edge serves. */
export interface Site {
  domain: string;
  /** Port that the outside world uses for HTTPS; 443 on a server, another on a box. */
  httpsPort: number;
  apps: Record<string, Pick<App, "routes" | "health">>;
  edge: Edge;
  monitoring: Monitoring;
}

/** Nginx's configuration as files: relative name → text. */
export function edgeFiles(site: Site): Record<string, string> {
  const { domain, edge } = site;
  const routed = Object.keys(site.apps).filter((app) => site.apps[app]!.routes.length > 0);
  return {
    "mime.types": asset("edge/mime.types"),
    "tls.conf": asset("edge/tls.conf"),
    "headers.conf": fill(asset("edge/headers.conf"), { hsts: edge.hsts }),
    "nginx.conf": fill(asset("edge/nginx.conf"), {
      domain,
      plain: plain(site),
      redirects: redirects(site),
      limits: limitZones(edge.limits, site.apps),
      siteLimits: siteLimits(edge.limits).join("\n"),
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

/** Port 80: certificates' challenges, and everything else to HTTPS; a subdomain to itself, any other name to the domain (E4, E5). */
function plain(site: Site): string {
  const one = (names: string, target: string, options = ""): string =>
    fill(asset("edge/plain.conf"), { names, target: withPort(site, target), options });
  const below = Object.values(subdomains(site)).map((name) => one(name, name));
  return [one([site.domain, ...redirected(site)].join(" "), site.domain, " default_server"), ...below].join(
    "\n",
  );
}

function redirects(site: Site): string {
  const names = redirected(site);
  if (names.length === 0) return "";
  return fill(asset("edge/redirect.conf"), { names: names.join(" "), target: withPort(site, site.domain) });
}

function withPort({ httpsPort }: Site, name: string): string {
  return httpsPort === 443 ? name : `${name}:${httpsPort}`;
}

const STUB_STATUS = "location = /status {\n  stub_status;\n}";

/** One location a route; the order in the file doesn't matter to Nginx, sorting keeps the text stable. */
function locations({ apps, edge }: Site): string[] {
  const routes = Object.entries(apps).flatMap(([app, { routes }]) => routes.map((route) => ({ app, route })));
  routes.sort((a, b) => (a.route.path < b.route.path ? -1 : 1));
  return routes.map(({ app, route }) =>
    fill(asset("edge/location.conf"), {
      app,
      path: route.path,
      options: options(app, route, edge).join("\n"),
    }),
  );
}

function options(app: string, route: Route, edge: Edge): string[] {
  const lines = routeLimits(app, route, edge.limits);
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
