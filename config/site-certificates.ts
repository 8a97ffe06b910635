import { isAcme, type Certificates, type SiteCertificate } from "./schema/certificates.ts";
import type { OtherSite } from "./schema/site.ts";

/** What certificates are declared from. */
export interface Certified {
  certificates: Certificates;
  /** May be absent where a test has none. */
  sites?: Readonly<Record<string, Pick<OtherSite, "certificate" | "www">>>;
}

/** The own certificate of a site. */
export interface OwnCertificate {
  site: string;
  /** What the edge serves of it: the site itself, then its www. */
  names: string[];
  /** Where the stack file declares it. */
  path: string;
  /** With everything that it has from the stack's. */
  settings: Certificates;
}

/** Certificates that sites have of their own, by site. */
export function siteCertificates({ certificates, sites = {} }: Certified): OwnCertificate[] {
  return Object.keys(sites)
    .sort()
    .flatMap((site) => {
      const { certificate: own, www } = sites[site]!;
      if (own === undefined) return [];
      const names = [site, ...(www && !site.startsWith("www.") ? [`www.${site}`] : [])];
      return [{ site, names, path: `sites.${site}.certificate`, settings: complete(certificates, own) }];
    });
}

/** Whether an ACME directory issues any of them. */
export function anyAcme(certified: Certified): boolean {
  return [certified.certificates, ...siteCertificates(certified).map(({ settings }) => settings)].some(
    isAcme,
  );
}

function complete(stack: Certificates, own: SiteCertificate): Certificates {
  // Another directory has nothing to do with the trust that the stack's needs.
  const elsewhere = own.directory !== undefined && own.directory !== stack.directory;
  const authority = elsewhere ? { caCertificate: undefined, root: undefined } : {};
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  // An address of its own accepts an authority's terms, as it does for the domain.
  const mode = own.mode ?? (own.email === undefined ? stack.mode : undefined);
  return { ...stack, ...authority, ...given, mode };
}
