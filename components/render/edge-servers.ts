import { asset } from "../assets.ts";
import { siteLimits } from "./edge-limits.ts";
import { listen } from "./edge-listen.ts";
import { siteLocations, subdomainLocations } from "./edge-locations.ts";
import { subdomainHeaders } from "./edge-places.ts";
import type { Site } from "./edge.ts";
import { fill } from "./fill.ts";
import { redirected, subdomains } from "./names.ts";

/**
 * Port 80: challenges of certificates, everything else to HTTPS; a subdomain to itself, any other name to the domain
 * (E4, E5).
 */
export function plain(site: Site): string {
  const one = (names: string, target: string, first = false): string =>
    fill(asset("edge/plain.conf"), {
      ...{ names, target: withPort(site, target) },
      listen: listen(site, 80, first),
    });
  const main = [site.domain, ...redirected(site)].join(" ");
  const below = Object.values(subdomains(site)).map((name) => one(name, name));
  return [one(main, site.domain, true), ...below].join("\n");
}

/** Names that only lead to the domain. */
export function redirects(site: Site): string {
  const names = redirected(site);
  if (names.length === 0) return "";
  const target = withPort(site, site.domain);
  return fill(asset("edge/redirect.conf"), { names: names.join(" "), target, listen: listen(site, 443) });
}

/** The site itself, then its subdomains. */
export function sites(site: Site): string {
  const { domain, edge } = site;
  const one = (name: string, headers: string, options: string[], locations: string[]): string =>
    fill(asset("edge/site.conf"), {
      ...{ name, headers },
      listen: listen(site, 443),
      options: ['set $whole "";', ...options].join("\n"),
      locations: locations.join(""),
    });
  // An application is limited by whatever name it is asked; something else, such as Grafana, loads a hundred files.
  const limits = (label: string): string[] =>
    siteLimits(edge.limits).filter(
      (line) => edge.subdomains[label]!.app !== undefined || line.startsWith("limit_conn"),
    );
  const below = Object.entries(subdomains(site)).map(([label, name]) =>
    one(name, subdomainHeaders(label), limits(label), subdomainLocations(site, label)),
  );
  return [one(domain, "headers.conf", siteLimits(edge.limits), siteLocations(site)), ...below].join("\n");
}

function withPort({ httpsPort }: Site, name: string): string {
  return httpsPort === 443 ? name : `${name}:${httpsPort}`;
}
