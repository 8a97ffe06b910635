import { createHash } from "node:crypto";
import { namedPlaces } from "../../../config/places.ts";
import type { Route } from "../../../config/schema/app/route.ts";
import type { OtherSite } from "../../../config/schema/site.ts";
import type { Subdomain } from "../../../config/schema/subdomain.ts";
import { asset } from "../../lib/assets.ts";
import { headerFile, type OwnHeaders } from "./headers.ts";
import type { Site } from "../site.ts";

/** A route, and where it is. */
export interface Place {
  /** Key of the subdomain or other site; absent on the domain. */
  scope?: string;
  app: string;
  route: Route;
}

/** Routes of the domain, as declared. */
export function domainPlaces({ apps }: Pick<Site, "apps">): Place[] {
  return Object.entries(apps).flatMap(([app, { routes }]) => routes.map((route): Place => ({ app, route })));
}

/** Routes of a subdomain or another site, as declared. */
export function placesOf(site: Site, key: string): Place[] {
  const routes = namedPlaces(site).find((place) => place.key === key)!.settings.routes;
  return routes.map((route): Place => ({ scope: key, app: route.app, route }));
}

/** Every route of the edge. */
export function allPlaces(site: Site): Place[] {
  return [...domainPlaces(site), ...namedPlaces(site).flatMap(({ key }) => placesOf(site, key))];
}

/** Files with the headers of routes, subdomains and other sites that have some of their own. */
export function ownHeaderFiles(site: Site): Record<string, string> {
  const { edge } = site;
  const routes = allPlaces(site)
    .filter((place) => hasOwn(place.route) || place.scope !== undefined)
    .map((place): [string, OwnHeaders] => [routeHeaders(place), ownOf(site, place)]);
  const places = namedPlaces(site).map(({ key, settings, site: other }): [string, OwnHeaders] => [
    placeHeaders(key),
    other ? settings : framed({ ...settings, csp: policyOf(settings) }),
  ]);
  return Object.fromEntries([...routes, ...places].map(([name, own]) => [name, headerFile(edge, own)]));
}

/** Pages of the server's own need their one style, and nothing else; the rest as the stack file says. */
function policyOf(settings: Subdomain | OtherSite): OwnHeaders["csp"] {
  const { csp } = settings;
  const drawn = "pages" in settings && settings.pages !== undefined;
  return !drawn || csp === false ? csp : { ...PAGES_POLICY, ...csp };
}

const style = createHash("sha256").update(asset("host/fairlead/lib/pages/page.css")).digest("base64");

const PAGES_POLICY = {
  "script-src": ["'none'"],
  "style-src": [`'sha256-${style}'`],
  "img-src": ["'self'"],
  "font-src": ["'none'"],
  "connect-src": ["'none'"],
  "form-action": ["'none'"],
};

/** A subdomain is shown in frames of the site itself, unless it says otherwise (E13). */
function framed({ csp, headers = {} }: OwnHeaders): OwnHeaders {
  return {
    csp: csp === false ? false : { "frame-ancestors": ["'self'"], ...csp },
    headers: { "X-Frame-Options": "SAMEORIGIN", ...headers },
  };
}

/** A route's own headers, on top of those of its subdomain or site. */
function ownOf(site: Site, { scope, route }: Place): OwnHeaders {
  if (scope === undefined) return route;
  const place = namedPlaces(site).find(({ key }) => key === scope)!;
  const below = place.site ? place.settings : framed(place.settings);
  const csp = route.csp ?? below.csp;
  return {
    csp: route.csp && below.csp ? { ...below.csp, ...route.csp } : csp,
    headers: { ...below.headers, ...route.headers },
  };
}

/** The file with the headers of a route: its own, or the domain's. */
export function routeHeaders(place: Place): string {
  if (place.scope === undefined && !hasOwn(place.route)) return "headers.conf";
  return `headers-${placeName(place)}.conf`;
}

/** The file with the headers of a subdomain or another site. */
export function placeHeaders(key: string): string {
  return `headers-${key}.conf`;
}

/** A name for what belongs to a route alone: no two have the same, since a path begins with a slash. */
export function placeName({ scope, app, route }: Place): string {
  return ["route", ...(scope === undefined ? [] : [scope]), app, slug(route.path)].join("_");
}

/** A path as part of a name: no two paths give the same. */
export function slug(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0)}`);
}

function hasOwn({ csp, headers }: Route): boolean {
  return csp !== undefined || Object.keys(headers).length > 0;
}
