import type { Route } from "../../../config/schema/app/route.ts";
import { asset } from "../../lib/assets.ts";
import type { Edge } from "../../../config/schema/edge.ts";
import { connectionLimits, routeLimits } from "./limits.ts";
import { routeHeaders, slug, subdomainHeaders } from "./places.ts";
import { spoolLimits, spoolsUnknown } from "./spool.ts";
import { textLocations, type OwnAnswer } from "./texts.ts";
import type { Site } from "../site.ts";
import { fill } from "../../lib/fill.ts";
import { healthPaths } from "../../app/probe-path.ts";
import { upstreamName } from "../../switch/haproxy-cfg.ts";

interface Place {
  app: string;
  route: Route;
}

/** Locations of the site; Nginx takes the longest path whatever their order, sorting keeps the text stable. */
export function siteLocations(site: Site): string[] {
  const places = Object.entries(site.apps).flatMap(([app, { routes }]) =>
    routes.map((route): Place => ({ app, route })),
  );
  places.sort((a, b) => (a.route.path < b.route.path ? -1 : 1));
  const own = [...textLocations(site), ...metrics(places.map(({ route }) => route))];
  const served = site.edge.maintenance
    ? [...health(site, places, own), closed("headers.conf")]
    : places.map((place) => location(site, place));
  return [...own.map(({ text }) => text), ...served];
}

/** What answers on a subdomain: an application, something on the private network, or a page that says that nothing does. */
export function subdomainLocations({ edge, apps }: Site, label: string): string[] {
  const { app, upstream, websocket } = edge.subdomains[label]!;
  const headers = subdomainHeaders(label);
  if (edge.maintenance) return [closed(headers)];
  const proxy = websocket ? "proxy-upgrade.conf" : "proxy.conf";
  if (app) {
    const whole = proxied(edge, { path: "/", app, proxy, headers, options: [], maxBody: edge.maxBody });
    return [...metrics(apps[app]!.routes).map(({ text }) => text), whole];
  }
  if (upstream) {
    // What it streams is unknown here, so each piece is passed on as it comes.
    const options = ["proxy_buffering off;"];
    const place = { path: "/", app: upstreamName(label), proxy, headers, options, maxBody: edge.maxBody };
    return [...metrics([]).map(({ text }) => text), proxied(edge, place)];
  }
  return ["location / {\n  return 503;\n}\n"];
}

/** @param exact the one path to answer, instead of all below the route's */
function location({ edge }: Site, { app, route }: Place, exact?: string): string {
  const headers = routeHeaders(app, route);
  const options = [
    ...routeLimits(app, route, edge.limits),
    ...(route.log ? [] : ["access_log off;"]),
    ...(route.maxBody ? [`client_max_body_size ${route.maxBody};`] : []),
    ...(route.stream ? ["proxy_buffering off;"] : []),
    ...(route.noStore ? NO_STORE : []),
    ...(route.cache ? [fill(asset("edge/cache.conf"), { seconds: route.cache })] : []),
  ];
  // Nginx takes no location inside one of a single path.
  const assets =
    route.assets && exact === undefined ? [fill(asset("edge/assets.conf"), { app, headers })] : [];
  const proxy = route.websocket ? "proxy-upgrade.conf" : "proxy.conf";
  const path = exact === undefined ? route.path : `= ${exact}`;
  const maxBody = route.maxBody ?? edge.maxBody;
  return proxied(edge, { path, app, proxy, headers, options, assets, maxBody });
}

interface Proxied {
  path: string;
  app: string;
  proxy: string;
  headers: string;
  options: string[];
  /** What only the place itself has. */
  assets?: string[];
  /** Bytes. */
  maxBody: number;
}

/** A place that passes requests on as they come, and its twin, which first takes their bodies onto the disk (0022). */
function proxied(edge: Edge, { path, app, proxy, headers, options, assets = [], maxBody }: Proxied): string {
  const twin = `@whole_${slug(path)}`;
  const one = (place: string, own: string[]): string =>
    fill(asset("edge/location.conf"), {
      path: place,
      app,
      proxy,
      headers,
      options: [...options, ...own].join("\n"),
    });
  const body = spoolsUnknown(maxBody) ? "$body" : "$body_of_length";
  const choose = fill(asset("edge/choose.conf"), { body, twin });
  const counted = [...connectionLimits(edge.limits), ...spoolLimits(edge, maxBody)];
  return one(path, [choose, ...assets]) + one(twin, ["proxy_request_buffering on;", ...counted]);
}

/**
 * During maintenance health paths still answer, each as its route would: a release must be watched then too. What the
 * edge itself answers stays its own.
 */
function health(site: Site, places: Place[], own: OwnAnswer[]): string[] {
  return healthPaths(site.apps).flatMap((path) => {
    const fitting = places.filter(({ route }) => path.startsWith(route.path));
    const longest = fitting.sort((a, b) => b.route.path.length - a.route.path.length)[0];
    const taken = own.some((answer) => answer.path === path);
    return longest && !taken ? [location(site, longest, path)] : [];
  });
}

function closed(headers: string): string {
  const page = "error_page 503 /__edge/errors/maintenance.$error_format;";
  return `location / {\n  include ${headers};\n  ${page}\n  return 503;\n}\n`;
}

/** Metrics are for the private network, on every name; a route that names the path says otherwise (E37). */
function metrics(routes: Route[]): OwnAnswer[] {
  if (routes.some(({ path }) => path === "/metrics" || path === "/metrics/")) return [];
  return [{ path: "/metrics", text: "location = /metrics {\n  return 404;\n}\n" }];
}

/** E30. */
const NO_STORE = [
  "proxy_hide_header Cache-Control;",
  'add_header Cache-Control "no-store, no-cache, must-revalidate, proxy-revalidate, max-age=0" always;',
];
