import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Secrets } from "../config/secrets.ts";

/** A secret value and a mark that changes with it. */
export interface SecretValue {
  value: pulumi.Output<string>;
  fingerprint: string;
}

/**
 * The secret from the stack's config, or one made by `@pulumi/random` where none is set; encrypted either way.
 * 32 letters and digits: nothing that a URL, a shell or a configuration file would have to escape.
 */
export function secretValue(secrets: Secrets, name: string, parent?: pulumi.Resource): SecretValue {
  const set = secrets.get(name);
  if (set) return set;
  const made = new random.RandomPassword(
    name.toLowerCase().replaceAll("_", "-"),
    { length: 32, special: false },
    { parent },
  );
  return { value: made.result, fingerprint: "generated" };
}
