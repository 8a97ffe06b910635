import { createPrivateKey, createPublicKey } from "node:crypto";

/** An Ed25519 key pair in OpenSSH's formats. */
export interface SshKey {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----` … (PROTOCOL.key of OpenSSH) */
  privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  publicKey: string;
}

/** DER of an Ed25519 private key up to the seed (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The key pair that belongs to a 32-byte seed (RFC 8032: an Ed25519 private key is 32 random bytes).
 * The same seed always gives the same text, so that a preview never shows a change.
 * @param seed 32 bytes in base64
 */
export function sshKey(seed: string): SshKey {
  const secret = Buffer.from(seed, "base64");
  if (secret.length !== 32) throw new Error(`an Ed25519 seed has 32 bytes, found ${secret.length}`);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: "der", type: "pkcs8" });
  const jwk = createPublicKey(key).export({ format: "jwk" });
  const point = Buffer.from(String(jwk.x), "base64url");
  const type = Buffer.from("ssh-ed25519");
  const publicBlob = Buffer.concat([string(type), string(point)]);
  // The two equal check numbers only reveal a wrong passphrase; taken from the key itself, they never change.
  const check = point.subarray(0, 4);
  const body = Buffer.concat([
    check,
    check,
    string(type),
    string(point),
    string(Buffer.concat([secret, point])),
    string(Buffer.alloc(0)),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const none = string(Buffer.from("none"));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    none,
    none,
    string(Buffer.alloc(0)),
    uint32(1),
    string(publicBlob),
    string(Buffer.concat([body, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  return {
    privateKey: [
      "-----BEGIN OPENSSH PRIVATE KEY-----",
      ...lines,
      "-----END OPENSSH PRIVATE KEY-----",
      "",
    ].join("\n"),
    publicKey: `ssh-ed25519 ${publicBlob.toString("base64")}`,
  };
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

/** A length-prefixed string (RFC 4251, section 5). */
function string(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}
