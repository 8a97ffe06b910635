import { asset } from "../../lib/assets.ts";
import { connectionLimits, limitsOf, requestLimits } from "./limits.ts";
import { listen } from "./listen.ts";
import { placeLocations, siteLocations } from "./locations.ts";
import { placeHeaders } from "./places.ts";
import type { Site } from "../site.ts";
import { fill } from "../../lib/fill.ts";
import { namedPlaces } from "../../../config/places.ts";
import { otherWww, redirected } from "../names.ts";

/**
 * Port 80: challenges of certificates, everything else to HTTPS; a subdomain to itself, any other name to the domain
 * (E4, E5).
 */
export function plain(site: Site): string {
  const server = (names: string, target: string, first = false): string =>
    fill(asset("edge/plain.conf"), {
      names,
      target: withPort(site, target),
      listen: listen(site, 80, first),
    });
  const names = [site.domain, ...redirected(site)].join(" ");
  const below = namedPlaces(site).map(({ name }) => server(name, name));
  const others = Object.entries(otherWww(site)).map(([name, target]) => server(name, target));
  return [server(names, site.domain, true), ...below, ...others].join("\n");
}

/** Names that only redirect: to the domain, or to another site. */
export function redirects(site: Site): string {
  const one = (names: string[], to: string): string => {
    const target = withPort(site, to);
    return fill(asset("edge/redirect.conf"), { names: names.join(" "), target, listen: listen(site, 443) });
  };
  const names = redirected(site);
  const others = Object.entries(otherWww(site)).map(([name, target]) => one([name], target));
  return [...(names.length > 0 ? [one(names, site.domain)] : []), ...others].join("\n");
}

/** The site itself, then its subdomains and other sites. */
export function sites(site: Site): string {
  const { domain } = site;
  const server = (name: string, headers: string, options: string[], locations: string[]): string =>
    fill(asset("edge/site.conf"), {
      name,
      headers,
      listen: listen(site, 443),
      options: ['set $whole "";', ...options].join("\n"),
      locations: locations.join(""),
    });
  const limits = (key?: string, requests = true): string[] => {
    const counted = limitsOf(site, key);
    return [...(requests ? requestLimits(counted) : []), ...connectionLimits(counted)];
  };
  const below = namedPlaces(site).map((place) => {
    // An application has the same limits under every name; something else, such as Grafana, loads a hundred files at once.
    const { app, routes, limits: own } = place.settings;
    const requests = app !== undefined || routes.length > 0 || own?.rate !== undefined;
    const counted = limits(place.key, requests);
    return server(place.name, placeHeaders(place.key), counted, placeLocations(site, place));
  });
  return [server(domain, "headers.conf", limits(), siteLocations(site)), ...below].join("\n");
}

function withPort({ httpsPort }: Site, name: string): string {
  return httpsPort === 443 ? name : `${name}:${httpsPort}`;
}
