import { setSecret } from "./secrets.ts";
import { credentialsOf } from "../dns-plugins.ts";
import type { Problem } from "../problems.ts";
import { isAcme, type Certificates, type SiteCertificate } from "../schema/certificates.ts";
import type { StackConfig } from "../schema/index.ts";
import { siteCertificates, type OwnCertificate } from "../site-certificates.ts";

/** Names that no public authority certifies (RFC 2606, RFC 6761, RFC 6762, RFC 8375). */
const SPECIAL = /(^|\.)(localhost|test|example|invalid|local|internal|home\.arpa)$/;

/** What belongs together: a directory and its account, a wildcard and its challenge, a plugin and its secrets. */
export function checkCertificates(
  stack: string,
  config: Pick<StackConfig, "certificates" | "domain" | "edge" | "sites">,
  hasSecret: (name: string) => boolean,
): Problem[] {
  const { certificates, domain, edge } = config;
  const own = siteCertificates(config);
  const one = (path: string, settings: Certificates, name: string): Problem[] =>
    checkOne({ stack, path, settings, domain: name, hasSecret });
  const shared = asksLetsEncrypt(certificates)
    ? [...checkNames("edge.aliases", edge.aliases), ...checkSites(config)]
    : [];
  return [
    ...one("certificates", certificates, domain),
    ...shared,
    ...own.flatMap(({ path, settings, site }) => one(path, settings, site)),
    ...own.flatMap(({ site, path, settings }) =>
      isAcme(settings) ? [] : checkUnused(path, config.sites[site]!.certificate!),
    ),
    ...checkAccounts(certificates, own),
  ];
}

const asksLetsEncrypt = (settings: Certificates): boolean =>
  isAcme(settings) && settings.directory.startsWith("letsencrypt");

interface One {
  stack: string;
  /** Where the stack file declares it. */
  path: string;
  settings: Certificates;
  /** First name in it. */
  domain: string;
  hasSecret: (name: string) => boolean;
}

function checkOne({ stack, path, settings, domain, hasSecret }: One): Problem[] {
  if (!isAcme(settings)) return checkWildcardOff(path, settings);
  const { email, directory, root, challenge, wildcard, names } = settings;
  const problems: Problem[] = [];
  const add = (setting: string, message: string, remedy: string): void =>
    void problems.push({ path: `${path}.${setting}`, message, remedy });
  if (!email)
    add(
      "email",
      "expected the e-mail address of the ACME account, found nothing",
      "Set it, or mode: self-signed.",
    );
  if (wildcard && challenge === "http-01")
    add("wildcard", "a wildcard needs dns-01, found challenge http-01", `Set ${path}.challenge to dns-01.`);
  if (names.length > 0 && challenge === "http-01")
    add(
      "names",
      `the edge doesn't serve ${names.join(", ")}, and only it can answer http-01`,
      `List them under edge.aliases, or set ${path}.challenge to dns-01.`,
    );
  if (directory === "letsencrypt-staging" && !root)
    add(
      "root",
      "expected the root of Let's Encrypt's staging environment, which nothing trusts by itself, found nothing",
      "Take it from letsencrypt.org/docs/staging-environment and set it.",
    );
  if (directory.startsWith("letsencrypt") && SPECIAL.test(domain))
    add(
      "directory",
      `Let's Encrypt certifies no name such as ${domain}`,
      "Set a public domain, another directory, or mode: self-signed.",
    );
  if (directory.startsWith("letsencrypt")) problems.push(...checkNames(`${path}.names`, names));
  return [...problems, ...(challenge === "dns-01" ? checkDns(stack, path, settings, hasSecret) : [])];
}

/** What a site's certificate of the server's own has no use for. */
function checkUnused(path: string, own: SiteCertificate): Problem[] {
  const given = (["directory", "caCertificate", "root", "dns"] as const).filter(
    (key) => own[key] !== undefined,
  );
  return given.map((key) => ({
    path: `${path}.${key}`,
    message: "is about an ACME directory, and this certificate is the server's own",
    remedy: `Set ${path}.email, or remove it.`,
  }));
}

/** certbot has one account with a directory: a second address would be accepted and never used. */
function checkAccounts(certificates: Certificates, own: OwnCertificate[]): Problem[] {
  const first = new Map<string, { email: string | undefined; path: string }>();
  const all = [{ path: "certificates", settings: certificates }, ...own];
  return all.flatMap(({ path, settings }): Problem[] => {
    if (!isAcme(settings)) return [];
    const { directory, email } = settings;
    const other = first.get(directory);
    if (!other) first.set(directory, { email, path });
    if (!other || other.email === undefined || other.email === email) return [];
    return [
      {
        path: `${path}.email`,
        message: `expected ${other.email}, the address of the account with ${directory} (${other.path}.email), found ${email}`,
        remedy: "Remove it, or set another directory.",
      },
    ];
  });
}

/** Names that Let's Encrypt can't certify: one of them makes it refuse the whole certificate. */
function checkNames(setting: string, names: string[]): Problem[] {
  return names.flatMap((name, index): Problem[] => {
    if (!SPECIAL.test(name)) return [];
    return [
      {
        path: `${setting}[${index}]`,
        message: `Let's Encrypt certifies no name such as ${name}`,
        remedy: "Remove it, or set another certificates.directory or mode: self-signed.",
      },
    ];
  });
}

/** The same of sites that are in the domain's certificate. */
function checkSites({ sites }: Pick<StackConfig, "sites">): Problem[] {
  const refused = Object.keys(sites).filter((site) => !sites[site]!.certificate && SPECIAL.test(site));
  return refused.map((site) => ({
    path: `sites.${site}`,
    message: `Let's Encrypt certifies no name such as ${site}`,
    remedy: `Remove it, or set sites.${site}.certificate.mode to self-signed.`,
  }));
}

function checkWildcardOff(path: string, { mode, challenge }: Certificates): Problem[] {
  if (mode !== undefined || challenge === "http-01") return [];
  return [
    {
      path: `${path}.challenge`,
      message: "dns-01 without an ACME account",
      remedy: `Set ${path}.email, or mode: self-signed.`,
    },
  ];
}

function checkDns(
  stack: string,
  path: string,
  { dns }: Certificates,
  hasSecret: (name: string) => boolean,
): Problem[] {
  if (!dns.plugin) {
    return [
      {
        path: `${path}.dns.plugin`,
        message: "expected a DNS plugin of certbot for dns-01, found nothing",
        remedy: "Set ovh, route53, or another.",
      },
    ];
  }
  const { secrets } = credentialsOf(dns);
  return Object.entries(secrets).flatMap(([parameter, secret]) =>
    hasSecret(secret)
      ? []
      : [
          {
            path: `${path}.dns.secrets.${parameter}`,
            message: `the secret ${secret} is not set`,
            remedy: setSecret(stack, secret),
          },
        ],
  );
}
