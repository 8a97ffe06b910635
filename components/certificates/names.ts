import type { Certificates } from "../../config/schema/certificates.ts";

/**
 * The names in the certificate, the domain first (older clients read it as the common name): what the edge serves, and
 * what the settings add. A wildcard covers names one label below the domain (RFC 6125, 6.4.3); they are left out then,
 * because an authority refuses a certificate with both.
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
