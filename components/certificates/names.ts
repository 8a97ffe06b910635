import type { Certificates } from "../../config/schema/certificates.ts";
import { siteCertificates, type Certified } from "../../config/site-certificates.ts";
import { siteNames, type Named } from "../edge/names.ts";
import type { CertifiedSite } from "./certificates.ts";

/** What the edge serves, and what certificates are declared. */
type Declared = Named & Certified;

/** The names in the domain's certificate: all that the edge serves but those of sites that have one of their own. */
export function domainNames(declared: Declared): string[] {
  const apart = siteCertificates(declared).flatMap(({ names }) => names);
  const served = siteNames(declared).filter((name) => !apart.includes(name));
  return certificateNames(served, declared);
}

/** Sites with a certificate of their own, and the names in it. */
export function certifiedSites(declared: Declared): CertifiedSite[] {
  return siteCertificates(declared).map(({ site, names, settings: certificates }) => ({
    site,
    settings: certificates,
    names: certificateNames(names, { domain: site, certificates }),
  }));
}

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
