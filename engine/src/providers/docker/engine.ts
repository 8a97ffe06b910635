import type { Agent } from "node:http";
import Docker from "dockerode";
import type { DockerOptions } from "dockerode";
import type { DockerSettings } from "./config.ts";
import { Limit } from "../limit.ts";
import { explain } from "./errors.ts";
import { Tunnel } from "./tunnel.ts";

/**
 * Requests at a time. Each holds a session of the SSH connection, and sshd allows ten (`MaxSessions 10`); Node's agent
 * doesn't count sockets that are still being opened, so it cannot keep to this itself.
 */
const MAX_REQUESTS = 6;

/** One Docker engine, reached when first needed: a Unix socket, or one SSH connection that carries every request. */
export class Engine {
  readonly where: string;
  readonly settings: DockerSettings;
  readonly #limit = new Limit(MAX_REQUESTS);
  #client: Docker | undefined;
  #tunnel: Tunnel | undefined;

  constructor(settings: DockerSettings, signal: AbortSignal) {
    this.settings = settings;
    this.where = settings.host;
    if (settings.ssh) this.#tunnel = new Tunnel(settings.ssh, signal);
  }

  get client(): Docker {
    this.#client ??= new Docker(this.#options());
    return this.#client;
  }

  #options(): DockerOptions & { agent?: Agent } {
    if (!this.#tunnel) return { socketPath: this.settings.socketPath };
    return { protocol: "http", host: "docker", port: 2375, agent: this.#tunnel.agent };
  }

  /** Runs requests; their errors say what was tried, where, and what to do. */
  async try<T>(what: string, requests: (client: Docker) => Promise<T>): Promise<T> {
    try {
      return await this.#limit.run(() => requests(this.client));
    } catch (error) {
      throw explain(this.#tunnel?.failure ?? error, what, this.where);
    }
  }

  close(): void {
    this.#tunnel?.close();
  }
}
