import { z } from "zod";
import { debianPackage, duration, label, seconds, timeOfDay, variable } from "./fields.ts";

const pem = z
  .string()
  .regex(/^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----[^]*$/, {
    error: "certificates in PEM form (-----BEGIN CERTIFICATE-----…)",
  });

const parameter = z.string().regex(/^[a-z][a-z0-9_]*$/, { error: "a parameter such as dns_ovh_endpoint" });

const dns = z.strictObject({
  plugin: label
    .optional()
    .describe(
      "certbot's DNS plugin: ovh, route53, or another that Debian packages as python3-certbot-dns-<plugin> (T13)",
    ),
  package: debianPackage
    .optional()
    .describe("Debian package of the plugin, when it isn't python3-certbot-dns-<plugin>"),
  propagation: seconds
    .prefault("120 s")
    .describe(
      "How long the record may need until every name server of the zone has it; route53 asks the API instead",
    ),
  settings: z
    .record(parameter, z.string().regex(/^[^\r\n]*$/, { error: "one line" }))
    .default({})
    .describe("Plain lines of the plugin's credentials file: parameter → value"),
  secrets: z
    .record(parameter, variable)
    .default({})
    .describe("Secret lines of it: parameter → name of a secret; ovh and route53 have theirs by default"),
});

/** The certificate that the edge shows (T1–T13). */
export const certificates = z.strictObject({
  mode: z
    .enum(["self-signed", "acme"])
    .optional()
    .describe(
      "self-signed, or acme by certbot (T1, RFC 8555); when absent, acme where an e-mail address is given",
    ),
  email: z
    .string()
    .regex(/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, { error: "an e-mail address such as ops@example.com" })
    .optional()
    .describe("Address of the ACME account; giving it accepts the directory's terms of service (T4)"),
  directory: z
    .string()
    .regex(/^(letsencrypt|letsencrypt-staging|https:\/\/\S+)$/, {
      error: "letsencrypt, letsencrypt-staging, or the https:// address of an ACME directory",
    })
    .default("letsencrypt")
    .describe(
      "The certificate authority: letsencrypt, letsencrypt-staging, or the address of an ACME directory (T1)",
    ),
  caCertificate: pem
    .optional()
    .describe("Trusted when connecting to an ACME directory that has no public certificate (PEM)"),
  root: pem
    .optional()
    .describe(
      "Root that visitors must trust, where the directory issues no publicly trusted certificates (PEM)",
    ),
  challenge: z
    .enum(["http-01", "dns-01"])
    .default("http-01")
    .describe("Proof of control: a file under the edge's webroot (T21), or a DNS record (T13)"),
  dns: dns.prefault({}).describe("How dns-01 sets the record"),
  wildcard: z.boolean().default(false).describe("Name the domain and *.domain, by dns-01 (T13)"),
  names: z
    .array(
      z.string().regex(/^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/, {
        error: "a domain name, or *. and one",
      }),
    )
    .default([])
    .describe("Names in the certificate in addition to those that the edge serves, by dns-01 (T2, T3)"),
  keyLife: duration
    .prefault("365 d")
    .describe(
      "A renewal keeps the private key until it is this old, so that certificate and key rarely change together",
    ),
  renewAt: z
    .array(timeOfDay)
    .min(1)
    .default(["03:00", "15:00"])
    .describe("Times of day, in the server's time zone, at which a renewal is tried (T9, T10)"),
  renewDelay: seconds
    .prefault("1 h")
    .describe("Longest random delay after each of these times, so that servers don't all ask at once"),
});

export type Certificates = z.output<typeof certificates>;

const { shape } = certificates;

/** The certificate of a site: what is left out is as in `certificates`, but for what is about names. */
export const siteCertificate = z.strictObject({
  mode: shape.mode.describe(
    "self-signed, or acme by certbot; when absent, acme where it has an e-mail address",
  ),
  email: shape.email.describe(
    "Address of the ACME account, when it isn't that of certificates; one for each directory",
  ),
  directory: shape.directory.unwrap().optional().describe("The certificate authority, as in certificates"),
  caCertificate: pem
    .optional()
    .describe("Trusted when connecting to a directory of its own that has no public certificate (PEM)"),
  root: pem
    .optional()
    .describe("Root that visitors must trust, where a directory of its own isn't publicly trusted (PEM)"),
  challenge: shape.challenge
    .unwrap()
    .optional()
    .describe("Proof of control: http-01 or dns-01, as in certificates"),
  dns: dns.optional().describe("How dns-01 sets the record in the zone of this site"),
  wildcard: z.boolean().default(false).describe("Name the site and everything below it, by dns-01"),
  names: shape.names
    .unwrap()
    .default([])
    .describe("Names in this certificate in addition to the site's own, by dns-01"),
});

export type SiteCertificate = z.output<typeof siteCertificate>;

/** Whether an ACME directory issues the certificate. */
export function isAcme({ mode, email }: Pick<Certificates, "mode" | "email">): boolean {
  return mode === undefined ? email !== undefined : mode === "acme";
}
