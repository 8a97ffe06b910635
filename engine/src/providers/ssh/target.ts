import { readFileSync } from "node:fs";
import type { AuthenticationType, Client, ConnectConfig } from "ssh2";
import { connect } from "./connect.ts";
import { keyType, signaturesOf } from "./hostKey.ts";
import { knownKeys, verifyKnown } from "./knownHosts.ts";
import type { SshTarget } from "./options.ts";

/** Readable identity files without a passphrase; the agent has to provide the others. */
async function identities(target: SshTarget): Promise<{ key: string; path: string }[]> {
  const { default: ssh2 } = await import("ssh2");
  return target.identityFiles.flatMap((path) => {
    try {
      const key = readFileSync(path, "utf8");
      return ssh2.utils.parseKey(key) instanceof Error ? [] : [{ key, path }];
    } catch {
      return [];
    }
  });
}

/** Connects like OpenSSH's client with these options: identity files first, then the agent. */
export async function connectTo(target: SshTarget, signal: AbortSignal): Promise<Client> {
  const known = knownKeys(target);
  const keys = await identities(target);
  const agent = target.agent ? process.env["SSH_AUTH_SOCK"] : undefined;
  const where = `ssh://${target.user}@${target.host}:${target.port}`;
  if (keys.length === 0 && !agent)
    throw new Error(
      `${where}: no key to log in with: none of ${target.identityFiles.join(", ")} can be used and no agent runs ` +
        `(SSH_AUTH_SOCK). Name one with -i in sshOpts`,
    );
  type Method = { type: AuthenticationType; username: string; key?: string; agent?: string };
  const methods: Method[] = keys.map(({ key }) => ({ type: "publickey", username: target.user, key }));
  if (agent) methods.push({ type: "agent", username: target.user, agent });
  const config: ConnectConfig = {
    host: target.host,
    port: target.port,
    username: target.user,
    readyTimeout: target.connectTimeoutSeconds * 1000,
    keepaliveInterval: target.keepaliveSeconds * 1000,
    keepaliveCountMax: target.keepaliveCount,
    authHandler: methods as never,
  };
  // The server has several keys: ask for one of a type we can compare.
  if (known.length > 0 && target.strict !== "no")
    config.algorithms = {
      serverHostKey: {
        prepend: [...new Set(known.flatMap((key) => signaturesOf(keyType(key))))] as never,
        append: [],
        remove: [],
      },
    };
  try {
    return await connect(config, (key) => verifyKnown(target, known, key), signal);
  } catch (error) {
    const reason = (error as Error).message;
    if (!/authentication methods failed/i.test(reason)) throw error;
    const tried = [...keys.map(({ path }) => path), ...(agent ? ["the agent"] : [])].join(", ");
    throw new Error(
      `${where}: the server accepted none of the keys (${tried}). Add one to its authorized_keys`,
    );
  }
}
