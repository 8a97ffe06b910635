import type { Agent } from "node:http";
import type Docker from "dockerode";
import type { DockerOptions } from "dockerode";
import type { DockerSettings } from "./config.ts";
import { Semaphore } from "../../deploy/semaphore.ts";
import { DockerError, toDockerError, isMissing } from "./errors.ts";
import { Tunnel } from "./tunnel.ts";

/**
 * Requests at a time. Each holds a session of the SSH connection, and sshd allows ten (`MaxSessions 10`); Node's agent
 * doesn't count sockets that are still being opened, so it cannot keep to this itself.
 */
const MAX_REQUESTS = 6;

/** The work, or a rejection as soon as the signal is aborted. */
async function interruptible<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error("interrupted"));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** One Docker engine, connected when first needed: a Unix socket, or one SSH connection for all requests. */
export class Engine {
  readonly #settings: DockerSettings | undefined;
  readonly #signal: AbortSignal;
  readonly #semaphore = new Semaphore(MAX_REQUESTS);
  #client: Promise<Docker> | undefined;
  #tunnel: Tunnel | undefined;

  /** @param settings undefined: not known yet, in a preview */
  constructor(settings: DockerSettings | undefined, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
    if (settings?.ssh) this.#tunnel = new Tunnel(settings.ssh, signal);
  }

  /** Loaded when first needed: it takes 0.2 s to load, and previews without a change don't need it. */
  async #load(): Promise<Docker> {
    const { default: Client } = await import("dockerode");
    return new Client(this.#options());
  }

  /** Where the engine is. */
  get settings(): DockerSettings {
    if (!this.#settings) throw new DockerError("the provider's address is known only after the update");
    return this.#settings;
  }

  #options(): DockerOptions & { agent?: Agent } {
    if (!this.#tunnel) return { socketPath: this.settings.socketPath };
    return { protocol: "http", host: "docker", port: 2375, agent: this.#tunnel.agent };
  }

  /** Runs requests; their errors say what was tried, where, and what to do. */
  async try<T>(what: string, requests: (client: Docker) => Promise<T>): Promise<T> {
    try {
      const client = await (this.#client ??= this.#load());
      return await this.#semaphore.run(() => interruptible(this.#signal, requests(client)));
    } catch (error) {
      // A session that ends at once only shows as a reset; the tunnel knows the reason.
      const reset = (error as { code?: string }).code === "ECONNRESET";
      throw toDockerError(
        (reset && (await this.#tunnel?.failure())) || error,
        what,
        this.#settings?.host ?? "",
      );
    }
  }

  /** Like {@link try}, for an object that may not exist: undefined then. */
  find<T>(what: string, request: (client: Docker) => Promise<T>): Promise<T | undefined> {
    return this.try(what, (client) =>
      request(client).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      }),
    );
  }

  close(): void {
    this.#tunnel?.close();
  }
}
