import type { Edge } from "./schema/edge.ts";

/** Hosts on the private network that subdomains lead to: containers that a person runs next to the stack; sorted. */
export function upstreamHosts({ subdomains }: Pick<Edge, "subdomains">): string[] {
  const upstreams = Object.values(subdomains).flatMap(({ upstream }) => upstream ?? []);
  return [...new Set(upstreams.map((upstream) => upstream.split(":")[0]!))].sort();
}
