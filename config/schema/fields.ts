import { isIP } from "node:net";
import { z } from "zod";
import { parseDuration, parseSize } from "../units.ts";

/** A size in bytes, written as `"512 MB"` (powers of 1024). */
export const size = z
  .string()
  .meta({ pattern: "^\\d+(\\.\\d+)?\\s*([KMGTkmgt]?[Bb])$" })
  .transform((text, context) => {
    const bytes = parseSize(text);
    if (bytes !== undefined && bytes > 0) return bytes;
    context.issues.push({ code: "custom", message: 'a size such as "512 MB"', input: text });
    return z.NEVER;
  });

/** A duration in seconds, down to milliseconds, written as `"30 s"`. */
export const duration = z
  .string()
  .meta({ pattern: "^\\d+(\\.\\d+)?\\s*(ms|s|min|h|d)$" })
  .transform((text, context) => {
    const seconds = parseDuration(text);
    if (seconds !== undefined) return seconds;
    context.issues.push({ code: "custom", message: 'a duration such as "30 s"', input: text });
    return z.NEVER;
  });

/** A duration for what counts whole seconds only: an HTTP header, Docker's time to stop, the options of `ssh`. */
export const seconds = duration.refine(Number.isInteger, { error: "a duration of whole seconds" });

/** Most milliseconds that HAProxy takes for a timeout (2^31 - 1), in seconds. */
const LONGEST = 2_147_483.647;

/** A timeout of Nginx and HAProxy: for both, 0 is not the shortest one but another meaning. */
export const timeout = duration.refine((value) => value > 0 && value <= LONGEST, {
  error: "a duration from 1 ms to 24 d",
});

/** A TCP port (RFC 6335). */
export const port = z.number().int().min(1).max(65535);

/** A DNS label (RFC 1123): names of the system and of applications become host names and file names. */
export const label = z.string().regex(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/, {
  error: "lower-case letters, digits and hyphens, starting with a letter, at most 32",
});

/** A fully qualified domain name (RFC 1123) with at least two labels. */
export const domain = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/, {
    error: "a domain name such as maicivy.com",
  });

/** The name of an environment variable or secret (POSIX, upper case). */
export const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, { error: "an upper-case name such as API_KEY" });

/** `sha256:` and 64 hexadecimal digits (OCI image specification, descriptors). */
export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, { error: "sha256: and 64 hexadecimal digits" });

/** An image reference: `repository:tag` or `repository@sha256:…` (distribution reference grammar). */
export const image = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?(:[0-9]+\/[a-z0-9._/-]+)?(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
    {
      error: "an image reference such as ghcr.io/me/backend:1.4.2 or ghcr.io/me/backend@sha256:…",
    },
  );

/** A URL path: starts with `/`, no spaces, quotes, braces or semicolons (it becomes part of the edge's configuration). */
export const urlPath = z.string().regex(/^\/[A-Za-z0-9._~+,=:@%/-]*$/, { error: "a path such as /health" });

/** An address or a network (RFC 4632, RFC 4291): `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. */
export const network = z
  .string()
  .refine(isNetwork, { error: "an address or a network such as 203.0.113.0/24 or 2001:db8::/32" });

function isNetwork(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/");
  const version = isIP(address);
  // Node takes an interface behind an address (fe80::1%eth0), and nothing on a server does.
  if (version === 0 || address.includes("%") || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128));
}

/** Who may connect, for the firewall: for everybody it has another rule. */
export const source = network.refine((text) => Number(text.split("/")[1] ?? 1) > 0, {
  error: "an address or a network smaller than all: leave the list out for everybody",
});

/** A time of day, hours and minutes. */
export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "a time of day such as 03:00" });

/** The name of a Debian package (Debian Policy, section 5.6.1). */
export const debianPackage = z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/, { error: "a Debian package name" });

/** A share, written as `"5%"`: 0.05. */
export const share = z
  .string()
  .meta({ pattern: "^\\d{1,3}(\\.\\d+)?\\s*%$" })
  .transform((text, context) => {
    const found = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text.trim());
    // 99.9 / 100 is 0.9990000000000001 in binary.
    const value = found ? Number((Number(found[1]) / 100).toFixed(8)) : 0;
    if (value > 0 && value <= 1) return value;
    context.issues.push({ code: "custom", message: 'a share above 0 such as "5%"', input: text });
    return z.NEVER;
  });
