import type * as pulumi from "@pulumi/pulumi";
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
