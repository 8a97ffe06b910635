import type { Edge } from "../../config/schema/edge.ts";

/** What names follow from: one domain, and what the edge adds to it (H24). */
export interface Named {
  domain: string;
  edge: Pick<Edge, "www" | "aliases" | "subdomains">;
}

/**
 * Every name that the edge answers for, the canonical one first: it is also what a certificate must name (T2).
 * No name twice, whatever the settings repeat.
 */
export function siteNames(named: Named): string[] {
  return [...new Set([named.domain, ...redirected(named), ...Object.values(subdomains(named))])];
}

/** Names that only lead to the canonical one. */
export function redirected({ domain, edge }: Named): string[] {
  const www = edge.www && !domain.startsWith("www.") ? [`www.${domain}`] : [];
  return [...new Set([...www, ...edge.aliases])].filter((name) => name !== domain);
}

/** Subdomains with something of their own: label → full name, sorted by label. */
export function subdomains({ domain, edge }: Named): Record<string, string> {
  const labels = Object.keys(edge.subdomains).sort();
  return Object.fromEntries(labels.map((label) => [label, `${label}.${domain}`]));
}
