import { createHash, createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Secrets } from "../../config/secrets.ts";

/** A secret value and a mark that changes with it. */
export interface SecretValue {
  value: pulumi.Output<string>;
  fingerprint: string;
}

/**
 * The secret from the stack's config.
 * @throws Error for one that isn't set, which the check of the configuration has let through
 */
export function secretValue(secrets: Secrets, name: string): SecretValue {
  const secret = secrets.get(name);
  if (!secret) throw new Error(`the secret ${name} is used, and no check found it missing`);
  return secret;
}

/**
 * A password made from another one (HMAC-SHA-256, RFC 2104), so that it needs no place of its own and changes with it. What
 * knows it knows neither the other one nor what is made for another purpose.
 * @param purpose what it is for
 */
export function derived({ value, fingerprint }: SecretValue, purpose: string): SecretValue {
  const made = pulumi
    .output(value)
    .apply((key) => createHmac("sha256", key).update(`fairlead ${purpose}`).digest("base64url"));
  return {
    value: pulumi.secret(made),
    fingerprint: createHash("sha256").update([fingerprint, purpose].join("\0")).digest("hex").slice(0, 12),
  };
}
