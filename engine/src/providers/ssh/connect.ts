import type { Client, ConnectConfig } from "ssh2";
import { Semaphore } from "../../deploy/semaphore.ts";
import { HostKeyError } from "./hostKey.ts";

/** Servers drop unauthenticated connections beyond a handful (`MaxStartups 10:30:60`): few handshakes at a time. */
const MAX_HANDSHAKES = 4;
/**
 * A connection that died silently (a server switched off, a firewall that dropped it) is noticed within a minute, and
 * everything that waits for it fails.
 */
export const KEEPALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 4 };
const semaphores = new Map<string, Semaphore>();

function semaphoreOf(host: string): Semaphore {
  const semaphore = semaphores.get(host) ?? new Semaphore(MAX_HANDSHAKES);
  semaphores.set(host, semaphore);
  return semaphore;
}

/**
 * Opens one SSH connection.
 * @param verify checks the raw host key; its rejection becomes the error
 * @throws HostKeyError when the key isn't accepted, Error for anything else
 */
export async function connect(
  config: ConnectConfig,
  verify: (key: Buffer) => void,
  signal: AbortSignal,
): Promise<Client> {
  const { default: ssh2 } = await import("ssh2");
  return semaphoreOf(`${config.host}:${config.port}`).run(
    () =>
      new Promise((resolve, reject) => {
        const client = new ssh2.Client();
        let refused: HostKeyError | undefined;
        const fail = (error: Error): void => {
          signal.removeEventListener("abort", onAbort);
          client.destroy();
          reject(refused ?? error);
        };
        const onAbort = (): void => fail(new Error("interrupted"));
        signal.addEventListener("abort", onAbort, { once: true });
        // A connection may fail twice: the handshake, and then the socket that is closed because of it.
        client.on("error", fail);
        client.once("close", () => fail(new Error("the server closed the connection")));
        client.once("ready", () => {
          signal.removeEventListener("abort", onAbort);
          client.removeAllListeners("close").removeAllListeners("error");
          // Without a listener a later loss of the connection would end the process; channels report it themselves.
          client.on("error", () => undefined);
          resolve(client);
        });
        const hostVerifier = (key: Buffer): boolean => {
          try {
            verify(key);
            return true;
          } catch (error) {
            refused = error instanceof HostKeyError ? error : new HostKeyError(String(error));
            return false;
          }
        };
        client.connect({ ...KEEPALIVE, ...config, hostVerifier });
      }),
  );
}
