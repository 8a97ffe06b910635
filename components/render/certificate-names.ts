/** What a certificate has to name beside what the edge serves. */
export interface Wanted {
  domain: string;
  wildcard: boolean;
  names: string[];
}

/**
 * The names in the certificate, the domain first (it is also the common name of old). With a wildcard, names one label
 * below the domain are covered by it (RFC 6125, 6.4.3) and don't stand beside it: an authority refuses that.
 */
export function certificateNames(served: string[], { domain, wildcard, names }: Wanted): string[] {
  const covered = (name: string): boolean =>
    wildcard && name.endsWith(`.${domain}`) && !name.slice(0, -domain.length - 1).includes(".");
  const others = [...new Set([...served, ...names])].filter((name) => name !== domain && !covered(name));
  return [domain, ...(wildcard ? [`*.${domain}`] : []), ...others];
}
