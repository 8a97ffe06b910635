import type { Edge } from "../../config/schema/edge.ts";

/** What the names of a site are made from: the domain, and what the edge adds to it (H24). */
export interface Named {
  domain: string;
  edge: Pick<Edge, "www" | "aliases" | "subdomains">;
}

/**
 * Every name that the edge answers for, the canonical one first: it is also what a certificate must name (T2).
 * Each name once, even when the settings repeat it.
 */
export function siteNames(named: Named): string[] {
  return [...new Set([named.domain, ...redirected(named), ...Object.values(subdomains(named))])];
}

/** Names that only redirect to the canonical one. */
export function redirected({ domain, edge }: Named): string[] {
  const www = edge.www && !domain.startsWith("www.") ? [`www.${domain}`] : [];
  return [...new Set([...www, ...edge.aliases])].filter((name) => name !== domain);
}

/** Subdomains that serve something themselves: label → full name, sorted by label. */
export function subdomains({ domain, edge }: Named): Record<string, string> {
  const labels = Object.keys(edge.subdomains).sort();
  return Object.fromEntries(labels.map((label) => [label, `${label}.${domain}`]));
}
