import { createHash } from "node:crypto";

/** The server's key isn't the expected one, or none is known for it. */
export class HostKeyError extends Error {}

/** OpenSSH's fingerprint of a raw public key. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The algorithm name at the start of a raw public key (RFC 4253 section 6.6). */
export function keyType(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1");
}

/** Signature algorithms that a key of this type can serve, best first. */
export function signaturesOf(type: string): string[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}

/** Reads one line of an `authorized_keys` or `.pub` file: `ssh-ed25519 AAAA… comment`. */
export function parsePublicKey(line: string): Buffer {
  const found = /(?:^|\s)((?:ssh|ecdsa|sk)-[\w@.-]+)\s+([A-Za-z0-9+/]+=*)/.exec(line.trim());
  const key = found?.[2] ? Buffer.from(found[2], "base64") : undefined;
  if (!key || key.length < 8 || keyType(key) !== found?.[1])
    throw new Error('hostKey: expected a public key line such as "ssh-ed25519 AAAA…", got something else');
  return key;
}
