import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { fingerprint, HostKeyError, keyType } from "./hostKey.ts";
import type { SshTarget } from "./options.ts";

function read(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}

function matches(pattern: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|(.+)$/.exec(pattern);
  if (hashed)
    return createHmac("sha1", Buffer.from(hashed[1]!, "base64")).update(name).digest("base64") === hashed[2];
  const glob = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${glob}$`).test(name);
}

/** The keys that known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) hold for a server; `@` markers are skipped. */
export function knownKeys(target: SshTarget): Buffer[] {
  const name = target.port === 22 ? target.host : `[${target.host}]:${target.port}`;
  return target.knownHostsFiles.flatMap(read).flatMap((line) => {
    const [patterns, type, key] = line.trim().split(/\s+/);
    if (!patterns || patterns.startsWith("#") || patterns.startsWith("@") || !type || !key) return [];
    const list = patterns.split(",");
    if (list.some((p) => p.startsWith("!") && matches(p.slice(1), name))) return [];
    return list.some((p) => matches(p, name)) ? [Buffer.from(key, "base64")] : [];
  });
}

/** @throws HostKeyError for a key that contradicts the known_hosts files, or is unknown where a known one is required */
export function verifyKnown(target: SshTarget, known: Buffer[], key: Buffer): void {
  if (target.strict === "no" || known.some((k) => k.equals(key))) return;
  const got = `${keyType(key)} ${fingerprint(key)}`;
  const [where, files] = [`${target.host}:${target.port}`, target.knownHostsFiles.join(", ")];
  if (known.length > 0)
    throw new HostKeyError(
      `host key mismatch for ${where}: expected ${known.map((k) => `${keyType(k)} ${fingerprint(k)}`).join(" or ")} ` +
        `(${files}), got ${got}. Something else may be answering at this address; if the server was reinstalled, ` +
        `replace its line there`,
    );
  if (target.strict === "yes")
    throw new HostKeyError(
      `unknown host key of ${where}: ${got} is in none of ${files}. Check it on the server and add it there`,
    );
}
