import type { Certificates } from "../../config/schema/certificates.ts";

/**
 * The names in the certificate, the domain first (it is also the common name of old): what the edge serves, and what
 * is asked for beside it. With a wildcard, names one label below the domain are covered by it (RFC 6125, 6.4.3) and
 * don't stand beside it: an authority refuses that.
 */
export function certificateNames(
  served: string[],
  { domain, certificates }: { domain: string; certificates: Pick<Certificates, "wildcard" | "names"> },
): string[] {
  const { wildcard, names } = certificates;
  const covered = (name: string): boolean =>
    wildcard && name.endsWith(`.${domain}`) && !name.slice(0, -domain.length - 1).includes(".");
  const others = [...new Set([...served, ...names])].filter((name) => name !== domain && !covered(name));
  return [domain, ...(wildcard ? [`*.${domain}`] : []), ...others];
}
