import { asset } from "../../lib/assets.ts";
import { connectionLimits, requestLimits } from "./limits.ts";
import { listen } from "./listen.ts";
import { siteLocations, subdomainLocations } from "./locations.ts";
import { subdomainHeaders } from "./places.ts";
import type { Site } from "../site.ts";
import { fill } from "../../lib/fill.ts";
import { redirected, subdomains } from "../names.ts";

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
  const below = Object.values(subdomains(site)).map((name) => server(name, name));
  return [server(names, site.domain, true), ...below].join("\n");
}

/** Names that only redirect to the domain. */
export function redirects(site: Site): string {
  const names = redirected(site);
  if (names.length === 0) return "";
  const target = withPort(site, site.domain);
  return fill(asset("edge/redirect.conf"), { names: names.join(" "), target, listen: listen(site, 443) });
}

/** The site itself, then its subdomains. */
export function sites(site: Site): string {
  const { domain, edge } = site;
  const server = (name: string, headers: string, options: string[], locations: string[]): string =>
    fill(asset("edge/site.conf"), {
      name,
      headers,
      listen: listen(site, 443),
      options: ['set $whole "";', ...options].join("\n"),
      locations: locations.join(""),
    });
  const connections = connectionLimits(edge.limits);
  const limits = [...requestLimits(edge.limits), ...connections];
  const below = Object.entries(subdomains(site)).map(([label, name]) => {
    // An application has the same limits under every name; something else, such as Grafana, loads a hundred files at once.
    const own = edge.subdomains[label]!.app === undefined ? connections : limits;
    return server(name, subdomainHeaders(label), own, subdomainLocations(site, label));
  });
  return [server(domain, "headers.conf", limits, siteLocations(site)), ...below].join("\n");
}

function withPort({ httpsPort }: Site, name: string): string {
  return httpsPort === 443 ? name : `${name}:${httpsPort}`;
}
