import type { Route } from "../../../config/schema/app/route.ts";
import { asset } from "../../lib/assets.ts";
import type { Edge } from "../../../config/schema/edge.ts";
import { asksFor, keepsSecret, routeUsers } from "./auth.ts";
import { connectionLimits, limitsOf, routeLimits, type PlaceLimits } from "./limits.ts";
import { domainPlaces, placeHeaders, placesOf, routeHeaders, slug, type Place } from "./places.ts";
import { grpcFile, grpcUpstream } from "./grpc.ts";
import { routeProxy } from "./proxies.ts";
import { spoolLimits, spoolsUnknown } from "./spool.ts";
import { textLocations, type OwnAnswer } from "./texts.ts";
import type { Site } from "../site.ts";
import { fill } from "../../lib/fill.ts";
import type { NamedPlace } from "../../../config/places.ts";
import { healthPaths } from "../../../config/probe-path.ts";
import { upstreamName } from "../../switch/haproxy-cfg.ts";

/** Locations of the domain; Nginx takes the longest path whatever their order, sorting keeps the text stable. */
export function siteLocations(site: Site): string[] {
  const places = domainPlaces(site).sort(byPath);
  const own = [...textLocations(site), ...metrics(places.map(({ route }) => route))];
  const served = site.edge.maintenance
    ? [...health(site, places, own), closed("headers.conf")]
    : [...places.map((place) => location(site, place)), ...openHealth(site, places, own)];
  return [...own.map(({ text }) => text), ...served];
}

/**
 * What answers on a subdomain or another site: an application, several by path, something on the private network, another
 * address, or a page that says that nothing does.
 */
export function placeLocations(site: Site, { key, settings, site: other }: NamedPlace): string[] {
  const { edge, apps } = site;
  const { app, redirect, websocket, auth } = settings;
  const upstream = "upstream" in settings ? settings.upstream : undefined;
  const headers = placeHeaders(key);
  if (redirect) return [redirected(redirect)];
  if (edge.maintenance) return [closed(headers)];
  const texts = other ? textLocations(site).filter(({ path }) => path === "/robots.txt") : [];
  const places = placesOf(site, key).sort(byPath);
  if (places.length > 0) {
    const own = [...texts, ...metrics(places.map(({ route }) => route))];
    return [...own.map(({ text }) => text), ...places.map((place) => location(site, place))];
  }
  const proxy = websocket ? "proxy-upgrade.conf" : "proxy.conf";
  const asked = asksFor(auth ? key : undefined);
  const limits = limitsOf(site, key);
  const { maxBody } = edge;
  if (app) {
    const whole = proxied(edge, { path: "/", app, proxy, headers, options: asked, maxBody, limits });
    return [...texts, ...metrics(apps[app]!.routes)].map(({ text }) => text).concat(whole);
  }
  if (upstream) {
    // What it streams is unknown here, so each piece is passed on as it comes.
    const options = ["proxy_buffering off;", ...asked];
    const place = { path: "/", app: upstreamName(key), proxy, headers, options, maxBody, limits };
    return [...metrics([]).map(({ text }) => text), proxied(edge, place)];
  }
  return ["location / {\n  return 503;\n}\n"];
}

/** An address without a path of its own gets the visitor's. */
function redirected(address: string): string {
  const whole = /^https?:\/\/[^/?#]+$/.test(address) ? `${address}$request_uri` : address;
  return `location / {\n  return 302 "${whole}";\n}\n`;
}

const byPath = (a: Place, b: Place): number => (a.route.path < b.route.path ? -1 : 1);

/** @param exact the one path to answer, instead of all below the route's: a health path, which is for everybody */
function location(site: Site, place: Place, exact?: string): string {
  const { edge } = site;
  const { app, route } = place;
  const limits = limitsOf(site, place.scope);
  const users = exact === undefined ? routeUsers(site, place) : undefined;
  const headers = routeHeaders(place);
  const strip = route.strip ? stripped(route.path) : "";
  const options = [
    ...(exact === undefined ? allowed(route) : []),
    ...asksFor(users, route.grpc),
    ...routeLimits(place, limits),
    ...(route.log ? [] : ["access_log off;"]),
    ...(route.maxBody || route.grpc ? [`client_max_body_size ${route.maxBody ?? 0};`] : []),
    ...(route.stream || !route.buffering ? ["proxy_buffering off;"] : []),
    ...(route.noStore ? NO_STORE : []),
    ...(route.cache ? [fill(asset("edge/cache.conf"), { seconds: route.cache })] : []),
  ];
  // Nginx takes no location inside one of a single path.
  const assets =
    route.assets && exact === undefined
      ? [
          fill(asset("edge/assets.conf"), {
            app,
            headers,
            strip,
            proxy: filesProxy(place),
            secret: keepsSecret(users),
          }),
        ]
      : [];
  const proxy = routeProxy(place);
  const path = exact === undefined ? route.path : `= ${exact}`;
  if (route.grpc) {
    const pass = `grpc_pass grpc://${grpcUpstream(app)};`;
    const whole = strip === "" ? options : [...options, strip];
    return oneLocation({ path, pass, proxy: grpcFile(place), headers, options: whole });
  }
  const maxBody = route.maxBody ?? edge.maxBody;
  return proxied(edge, {
    path,
    app,
    proxy,
    headers,
    options,
    assets,
    maxBody,
    limits,
    strip,
    flows: !route.buffering,
  });
}

/** Files of pages are no WebSockets. */
function filesProxy(place: Place): string {
  return place.route.websocket ? "proxy.conf" : routeProxy(place);
}

/** What is left of the path; it is written anew, so that an encoded slash becomes one (ngx_http_rewrite_module). */
function stripped(path: string): string {
  const prefix = path.replace(/\/$/, "").replaceAll(/[.+]/g, "\\$&");
  return `rewrite "(?s)^${prefix}/?(.*)$" /$1 break;`;
}

/** Who may use a route (ngx_http_access_module). */
function allowed({ allow }: Route): string[] {
  return allow.length === 0 ? [] : [...allow.map((network) => `allow ${network};`), "deny all;"];
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
  /** Those of its name. */
  limits: PlaceLimits;
  /** What takes the prefix away; after it nothing else of ngx_http_rewrite_module counts. */
  strip?: string;
  /** Bodies are passed on as they come, always. */
  flows?: boolean;
}

interface OneLocation {
  path: string;
  /** What leads to the application. */
  pass: string;
  /** File with what concerns that way. */
  proxy: string;
  headers: string;
  options: string[];
}

function oneLocation({ options, ...rest }: OneLocation): string {
  const text = options.filter((option) => option !== "").join("\n");
  return fill(asset("edge/location.conf"), { ...rest, options: text });
}

/** A place that passes requests on as they come, and its twin, which first takes their bodies onto the disk (0022). */
function proxied(edge: Edge, place: Proxied): string {
  const {
    path,
    app,
    proxy,
    headers,
    options,
    assets = [],
    maxBody,
    limits,
    strip = "",
    flows = false,
  } = place;
  const twin = `@whole_${slug(path)}`;
  const pass = `proxy_pass http://${app};`;
  const one = (where: string, own: string[]): string =>
    oneLocation({ path: where, pass, proxy, headers, options: [...options, ...own] });
  if (flows) return one(path, [strip, ...assets]);
  const body = spoolsUnknown(maxBody) ? "$body" : "$body_of_length";
  const choose = fill(asset("edge/choose.conf"), { body, twin });
  const counted = [...connectionLimits(limits), ...spoolLimits(edge, maxBody)];
  return (
    one(path, [choose, strip, ...assets]) + one(twin, [strip, "proxy_request_buffering on;", ...counted])
  );
}

/**
 * During maintenance health paths still answer, each as its route would: a release must be watched then too. What the
 * edge itself answers stays its own.
 */
function health(
  site: Site,
  places: Place[],
  own: OwnAnswer[],
  only: (place: Place, path: string) => boolean = () => true,
): string[] {
  return healthPaths(site.apps).flatMap((path) => {
    const fitting = places.filter(({ route }) => path.startsWith(route.path));
    const longest = fitting.sort((a, b) => b.route.path.length - a.route.path.length)[0];
    const taken = own.some((answer) => answer.path === path);
    if (!longest || taken || !only(longest, path)) return [];
    return [location(site, longest, path)];
  });
}

/** Health paths below a route that isn't for everybody: whoever watches a release asks from outside. Never all of the route. */
function openHealth(site: Site, places: Place[], own: OwnAnswer[]): string[] {
  return health(
    site,
    places,
    own,
    ({ route }, path) => (route.allow.length > 0 || Boolean(route.auth)) && path !== route.path,
  );
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
