import { credentialsOf } from "../../config/dns-plugins.ts";
import { isAcme, type Certificates } from "../../config/schema/certificates.ts";
import { asset } from "../lib/assets.ts";
import type { HostFile, HostInputs, HostUnit } from "../../config/host/index.ts";
import { job } from "../host/render/job.ts";
import { sortedJson } from "../lib/sorted-json.ts";

/** Folder of the challenge files, on the server and in the edge (T7). */
export const WEBROOT = "/var/www/certbot";
const FOLDER = "/etc/fairlead";

/** Settings of the sites with a certificate of their own, a file for each (assets/host/fairlead/certificate.py). */
export const SITES = `${FOLDER}/certificates.d`;

/** Files of a certificate: those of a site are named after it. */
function places({
  site,
  domain,
}: Pick<Certified, "site" | "domain">): Record<"settings" | "credentials" | "ca", string> {
  if (!site)
    return {
      settings: `${FOLDER}/certificates.json`,
      credentials: `${FOLDER}/dns.ini`,
      ca: `${FOLDER}/acme-ca.pem`,
    };
  return {
    settings: `${SITES}/${domain}.json`,
    credentials: `${FOLDER}/dns-${domain}.ini`,
    ca: `${FOLDER}/acme-ca-${domain}.pem`,
  };
}

/** Addresses of the directories that have a name (letsencrypt.org/docs/acme-protocol-updates). */
const DIRECTORIES: Record<string, string> = {
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
};

/** What a certificate depends on. */
export interface Certified {
  settings: Certificates;
  /** The domain, or the site that has one of its own. */
  domain: string;
  /** It is a site's own. */
  site?: true;
  /** Every name in the certificate, the domain first. */
  names: string[];
  /** Folder on the server that holds pairs and authority. */
  tls: string;
  /** Name of the edge's container. */
  container: string;
}

/** What the host tools need to order, show and renew; no secret is among it. */
export function certificateSettings(certified: Certified): HostInputs["certificate"] {
  const { settings, domain, names, tls, container, site } = certified;
  if (!isAcme(settings)) return { mode: "self-signed", domain, names, tls, container, site };
  const { email, directory, challenge, keyLife, dns } = settings;
  const byDns = challenge === "dns-01";
  const { ca, credentials } = places(certified);
  return {
    mode: "acme",
    domain,
    names,
    tls,
    container,
    site,
    email,
    challenge,
    keyLife,
    webroot: WEBROOT,
    directory: DIRECTORIES[directory] ?? directory,
    ca: settings.caCertificate ? ca : undefined,
    plugin: byDns ? dns.plugin : undefined,
    propagation: byDns ? dns.propagation : undefined,
    credentials: byDns ? credentials : undefined,
  };
}

/**
 * The timer that renews, at the domain's times. For ACME it has Debian's own name, in place of the package's unit (T11).
 * @param acme whether a directory issues any certificate of the stack
 */
export function renewalUnit({ settings, domain }: Certified, acme = isAcme(settings)): HostUnit {
  return job({
    name: acme ? "certbot" : "fairlead-renew",
    description: `Renewal of the certificate for ${domain}, when it is due`,
    call: "certificate renew",
    at: settings.renewAt,
    delay: settings.renewDelay,
    timeout: 1200,
  });
}

/** Debian packages of certbot and its plugin (H5, T13); none for a certificate of the server's own. */
export function certificatePackages(settings: Certificates): string[] {
  if (!isAcme(settings)) return [];
  const { challenge, dns } = settings;
  const plugin = challenge === "dns-01" ? [dns.package ?? `python3-certbot-dns-${dns.plugin}`] : [];
  return ["certbot", "logrotate", ...plugin];
}

/** Files that the server needs to renew the domain's certificate by itself; credentials are rendered apart: they are secret. */
export function certificateFiles(certified: Certified, acme = isAcme(certified.settings)): HostFile[] {
  const [settings, ...trust] = ownFiles(certified);
  const hook = "/etc/letsencrypt/renewal-hooks/deploy/fairlead";
  return [
    settings!,
    {
      path: "/etc/logrotate.d/fairlead-certificate",
      mode: "0644",
      content: asset("host/certificates/logrotate.conf"),
    },
    ...(acme ? [{ path: hook, mode: "0755", content: asset("host/certificates/deploy-hook.sh") }] : []),
    ...trust,
  ];
}

/** Files of one certificate alone: its settings, and what to trust when talking to its directory. */
export function ownFiles(certified: Certified): HostFile[] {
  const { settings } = certified;
  const { settings: path, ca } = places(certified);
  const trust = isAcme(settings) ? settings.caCertificate : undefined;
  return [
    { path, mode: "0600", content: sortedJson(certificateSettings(certified)) },
    ...(trust ? [{ path: ca, mode: "0644", content: `${trust.trim()}\n` }] : []),
  ];
}

/**
 * The credentials file of the DNS plugin (T13): certbot's INI lines, or for Route 53 the file that AWS's own tools read.
 * @param secret value of a secret by name
 * @param site whose own certificate it is for; absent for the domain's
 */
export function credentialsFile(
  dns: Certificates["dns"],
  secret: (name: string) => string,
  site?: string,
): HostFile {
  const { settings, secrets } = credentialsOf(dns);
  const aws = dns.plugin === "route53";
  const where = site === undefined ? "certificates" : `sites.${site}.certificate`;
  const values = {
    ...settings,
    ...Object.fromEntries(Object.entries(secrets).map(([key, name]) => [key, secret(name)])),
  };
  const lines = Object.keys(values)
    .sort()
    .map((key) => `${key} = ${aws ? values[key] : quoted(values[key]!, where)}`);
  const head = aws ? ["[default]"] : [];
  const { credentials: path } = places({ domain: site ?? "", site: site === undefined ? undefined : true });
  return { path, mode: "0600", content: `${[...head, ...lines].join("\n")}\n` };
}

/**
 * A value as certbot's plugins read it (ConfigObj): a comma would make a list of it, # begins a comment, and quotes and
 * white space at its ends are dropped. There are no escapes, but four kinds of quotes. AWS's own file knows none of this.
 * @throws Error for a value that holds all four, without the value
 */
function quoted(value: string, where: string): string {
  if (!/[#,'"]|^\s|\s$/.test(value)) return value;
  const mark = ['"', "'", "'''", '"""'].find((quote) => !value.includes(quote));
  if (!mark)
    throw new Error(
      `A secret of ${where}.dns holds every kind of quotes, which certbot's file has no way to write. Make another one at the provider.`,
    );
  return mark + value + mark;
}
