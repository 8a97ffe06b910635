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

/** A duration in seconds, written as `"30 s"`. */
export const duration = z
  .string()
  .meta({ pattern: "^\\d+(\\.\\d+)?\\s*(ms|s|min|h|d)$" })
  .transform((text, context) => {
    const seconds = parseDuration(text);
    if (seconds !== undefined) return seconds;
    context.issues.push({ code: "custom", message: 'a duration such as "30 s"', input: text });
    return z.NEVER;
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
