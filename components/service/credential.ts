import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { SecretValue } from "../lib/secret-value.ts";

/** What an application needs to reach a service of the stack. */
export interface Credential {
  /** Name under which the application gets it: `DATABASE_URL`. */
  variable: string;
  /** The secret value. */
  value: pulumi.Output<string>;
  /** Changes when the value does; part of a release's identity. */
  fingerprint: string;
  /** The service accepts the credential once this is there. */
  ready: pulumi.Resource;
}

/**
 * A URL with a password in it. Its fingerprint is made from the whole URL, with the password's own in its place: a release
 * is given a URL once, and another database, login or host in it makes another release.
 */
export function credential(
  variable: string,
  url: (password: string) => string,
  password: SecretValue,
  ready: pulumi.Resource,
): Credential {
  const value = pulumi.output(password.value).apply((text) => url(encodeURIComponent(text)));
  const fingerprint = createHash("sha256").update(url(password.fingerprint)).digest("hex").slice(0, 12);
  return { variable, value: pulumi.secret(value), fingerprint, ready };
}
