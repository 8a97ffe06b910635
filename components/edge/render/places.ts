import type { Route } from "../../../config/schema/app/route.ts";
import { headerFile, type OwnHeaders } from "./headers.ts";
import type { Site } from "../site.ts";

/** Files with the headers of routes and subdomains that have some of their own. */
export function ownHeaderFiles({ apps, edge }: Site): Record<string, string> {
  const routes = Object.entries(apps).flatMap(([app, { routes }]) =>
    routes.filter(hasOwn).map((route): [string, OwnHeaders] => [routeHeaders(app, route), route]),
  );
  const below = Object.entries(edge.subdomains).map(([label, { csp, headers }]): [string, OwnHeaders] => [
    subdomainHeaders(label),
    // Shown in frames of the site itself, unless it says otherwise (E13).
    {
      csp: csp === false ? false : { "frame-ancestors": ["'self'"], ...csp },
      headers: { "X-Frame-Options": "SAMEORIGIN", ...headers },
    },
  ]);
  return Object.fromEntries([...routes, ...below].map(([name, own]) => [name, headerFile(edge, own)]));
}

/** The file with the headers of a route: its own, or the site's. */
export function routeHeaders(app: string, route: Route): string {
  return hasOwn(route) ? `headers-route_${app}_${slug(route.path)}.conf` : "headers.conf";
}

/** The file with the headers of a subdomain. */
export function subdomainHeaders(label: string): string {
  return `headers-${label}.conf`;
}

/** A path as part of a name: no two paths give the same. */
export function slug(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0)}`);
}

function hasOwn({ csp, headers }: Route): boolean {
  return csp !== undefined || Object.keys(headers).length > 0;
}
