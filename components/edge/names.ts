import { namedPlaces, type Names } from "../../config/places.ts";
import type { Edge } from "../../config/schema/edge.ts";

/** What the names of a site are made from: the domain, what the edge adds to it (H24), and the other sites. */
export interface Named extends Names {
  edge: Pick<Edge, "www" | "aliases" | "subdomains">;
}

/**
 * Every name that the edge answers for, the canonical one first: it is also what a certificate must name (T2).
 * Each name once, even when the settings repeat it.
 */
export function siteNames(named: Named): string[] {
  const places = namedPlaces(named).map(({ name }) => name);
  return [...new Set([named.domain, ...redirected(named), ...places, ...Object.keys(otherWww(named))])];
}

/** Names that only redirect to the canonical one. */
export function redirected({ domain, edge }: Named): string[] {
  const www = edge.www && !domain.startsWith("www.") ? [`www.${domain}`] : [];
  return [...new Set([...www, ...edge.aliases])].filter((name) => name !== domain);
}

/** The www. of other sites → the site that it redirects to. */
export function otherWww({ sites = {} }: Named): Record<string, string> {
  const names = Object.keys(sites).filter((name) => sites[name]!.www && !name.startsWith("www."));
  return Object.fromEntries(names.sort().map((name) => [`www.${name}`, name]));
}
