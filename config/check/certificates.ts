import { setSecret } from "./secrets.ts";
import { credentialsOf } from "../dns-plugins.ts";
import type { Problem } from "../problems.ts";
import { isAcme } from "../schema/certificates.ts";
import type { StackConfig } from "../schema/index.ts";

/** Names that no public authority certifies (RFC 2606, RFC 6761, RFC 6762, RFC 8375). */
const SPECIAL = /(^|\.)(localhost|test|example|invalid|local|internal|home\.arpa)$/;

/** What belongs together in `certificates`: a directory and its account, a wildcard and its challenge, a plugin and its secrets. */
export function checkCertificates(
  stack: string,
  { certificates, domain, edge }: Pick<StackConfig, "certificates" | "domain" | "edge">,
  hasSecret: (name: string) => boolean,
): Problem[] {
  if (!isAcme(certificates)) return checkWildcardOff(certificates);
  const { email, directory, root, challenge, wildcard, names } = certificates;
  const problems: Problem[] = [];
  const add = (setting: string, message: string, remedy: string): void =>
    void problems.push({ path: `certificates.${setting}`, message, remedy });
  if (!email)
    add(
      "email",
      "expected the e-mail address of the ACME account, found nothing",
      "Set it, or mode: self-signed.",
    );
  if (wildcard && challenge === "http-01")
    add(
      "wildcard",
      "a wildcard needs dns-01, found challenge http-01",
      "Set certificates.challenge to dns-01.",
    );
  if (names.length > 0 && challenge === "http-01")
    add(
      "names",
      `the edge doesn't serve ${names.join(", ")}, and only it can answer http-01`,
      "List them under edge.aliases, or set certificates.challenge to dns-01.",
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
  if (directory.startsWith("letsencrypt"))
    problems.push(...checkNames("edge.aliases", edge.aliases), ...checkNames("certificates.names", names));
  return [...problems, ...(challenge === "dns-01" ? checkDns(stack, certificates, hasSecret) : [])];
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

function checkWildcardOff({ mode, challenge }: StackConfig["certificates"]): Problem[] {
  if (mode !== undefined || challenge === "http-01") return [];
  return [
    {
      path: "certificates.challenge",
      message: "dns-01 without an ACME account",
      remedy: "Set certificates.email, or mode: self-signed.",
    },
  ];
}

function checkDns(
  stack: string,
  { dns }: StackConfig["certificates"],
  hasSecret: (name: string) => boolean,
): Problem[] {
  if (!dns.plugin) {
    return [
      {
        path: "certificates.dns.plugin",
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
            path: `certificates.dns.secrets.${parameter}`,
            message: `the secret ${secret} is not set`,
            remedy: setSecret(stack, secret),
          },
        ],
  );
}
