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
  /** What it consists of, by the name that a value of the application may hold: `host`, `password`, `url`. */
  parts: Parts;
}

/** Parts of a credential: plain ones, and secret ones. */
export type Parts = Readonly<Record<string, string | SecretValue>>;

/**
 * A URL with a password in it. Its fingerprint is made from the whole URL, with the password's own in its place: a release
 * is given a URL once, and another database, login or host in it makes another release.
 */
export function credential(
  variable: string,
  url: (password: string) => string,
  password: SecretValue,
  ready: pulumi.Resource,
  parts: Parts = {},
): Credential {
  return { variable, ...secretUrl(url, password), ready, parts: { ...parts, password } };
}

/** A URL with a password in it, spelled as URLs spell it. */
export function secretUrl(url: (password: string) => string, password: SecretValue): SecretValue {
  const value = pulumi.output(password.value).apply((text) => url(encodeURIComponent(text)));
  return { value: pulumi.secret(value), fingerprint: mark(url(password.fingerprint)) };
}

/** 48 bits of a SHA-256: enough to notice a change. */
export function mark(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
