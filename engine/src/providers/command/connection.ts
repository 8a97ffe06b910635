import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ConnectConfig } from "ssh2";
import { Secret, type Ctx, type Props, type Value } from "../contract.ts";
import { connect } from "../ssh/connect.ts";
import { fingerprint, HostKeyError, keyType, parsePublicKey, signaturesOf } from "../ssh/hostKey.ts";
import { checkInputShapes } from "./resource.ts";
import { isProps } from "../bridge/values.ts";

/** Waits between attempts, as the official provider: 0.1 s, then half as long again each time, at most 5 s. */
const [FIRST_WAIT_MS, GROWTH, LONGEST_WAIT_MS] = [100, 1.5, 5000];

/** Checks `connection`. @throws UnsupportedError for what the project doesn't use: passwords, a proxy, another agent */
export function checkConnection(
  type: string,
  value: Value | undefined,
): { property: string; reason: string }[] {
  if (!isProps(value ?? null)) return [];
  const shapes = {
    dialErrorLimit: "number",
    host: "string!",
    hostKey: "string",
    perDialTimeout: "number",
    port: "number",
    privateKey: "string",
    user: "string",
  } as const;
  return checkInputShapes(type, shapes, value as Props, "connection").failures;
}

/** The inputs with the private key marked secret by itself, as the official provider's check leaves it. */
export function markPrivateKey(inputs: Props): Props {
  const { connection } = inputs;
  if (!isProps(connection ?? null)) return inputs;
  const sealed = Object.entries(connection as Props).map(([name, value]) => [
    name,
    name === "privateKey" && typeof value === "string" ? new Secret(value) : value,
  ]);
  return { ...inputs, connection: Object.fromEntries(sealed) as Props };
}

const text = (value: Value | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;
const number = (value: Value | undefined, fallback: number): number =>
  typeof value === "number" ? value : fallback;

async function configOf(connection: Props): Promise<ConnectConfig> {
  const privateKey = text(connection["privateKey"]);
  const agent = process.env["SSH_AUTH_SOCK"];
  const pinned = text(connection["hostKey"]);
  if (privateKey !== undefined) {
    const { default: ssh2 } = await import("ssh2");
    const parsed = ssh2.utils.parseKey(privateKey);
    if (parsed instanceof Error) throw new Error(`connection.privateKey: ${parsed.message}`);
  }
  const config: ConnectConfig = {
    host: text(connection["host"]) ?? "",
    port: number(connection["port"], 22),
    username: text(connection["user"]) ?? "root",
    readyTimeout: number(connection["perDialTimeout"], 15) * 1000,
  };
  if (privateKey !== undefined) config.privateKey = privateKey;
  if (agent) config.agent = agent;
  if (pinned !== undefined)
    config.algorithms = { serverHostKey: signaturesOf(keyType(parsePublicKey(pinned))) as never };
  return config;
}

/** The check of a host key against the pinned one; without one any key is accepted, like the official provider. */
function verifier(connection: Props): (key: Buffer) => void {
  const line = text(connection["hostKey"]);
  if (line === undefined) return () => undefined;
  const pinned = parsePublicKey(line);
  return (key) => {
    if (key.equals(pinned)) return;
    throw new HostKeyError(
      `host key mismatch for ${text(connection["host"])}: expected ${keyType(pinned)} ${fingerprint(pinned)} ` +
        `(connection.hostKey), got ${keyType(key)} ${fingerprint(key)}. Something else may be answering at this ` +
        `address; if the server was reinstalled, pin its new key`,
    );
  };
}

/**
 * Dials until it works: `dialErrorLimit` more attempts after the first (10; −1: without end), each of at most
 * `perDialTimeout` seconds (15; 0: no limit). A wrong host key ends it at once.
 */
export async function dial(ctx: Ctx, urn: string, connection: Props): Promise<Client> {
  const config = await configOf(connection);
  const limit = number(connection["dialErrorLimit"], 10);
  let wait = FIRST_WAIT_MS;
  for (let failed = 1; ; failed++) {
    try {
      return await connect(config, verifier(connection), ctx.signal);
    } catch (error) {
      const reason = (error as Error).message;
      if (error instanceof HostKeyError || ctx.signal.aborted) throw error;
      if (/no matching host key/i.test(reason))
        throw new HostKeyError(
          `host key mismatch for ${config.host}: the server has no key of the pinned type`,
        );
      if (limit > -1 && failed > limit)
        throw new Error(
          `ssh ${config.username}@${config.host}:${config.port} after ${failed - 1} failed attempts: ${reason}`,
        );
      ctx.log("status", `Dial ${failed}/${limit === -1 ? "inf" : limit} failed: retrying`, urn);
      await sleep(wait, undefined, { signal: ctx.signal });
      wait = Math.min(wait * GROWTH, LONGEST_WAIT_MS);
    }
  }
}
