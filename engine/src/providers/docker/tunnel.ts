import { Agent } from "node:http";
import type { ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import type { SshTarget } from "../ssh/options.ts";
import { connectTo } from "../ssh/target.ts";
import { DockerError } from "./errors.ts";

type Done = (error: Error | null, stream?: Duplex) => void;

/** What Node's HTTP agent asks of a socket beyond a stream; a channel of an SSH connection needs none of it. */
function asSocket(channel: ClientChannel): Duplex {
  const self = (): ClientChannel => channel;
  return Object.assign(channel, {
    setKeepAlive: self,
    setNoDelay: self,
    setTimeout: self,
    ref: self,
    unref: self,
  });
}

/** Exit status of a command and the end of its standard error. Both may arrive after its output. */
function exitOf(channel: ClientChannel): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    let [stderr, status] = ["", null as number | null];
    channel.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString("utf8")).slice(-1000)));
    channel.on("exit", (code: number | null) => (status = code));
    channel.on("close", () => resolve({ code: status, stderr: stderr.trim() }));
  });
}

/** How long a failed request waits for the reason of its session's end, milliseconds. */
const FAILURE_WAIT_MS = 2000;

/**
 * HTTP to the Docker engine of a server: each socket is a session running `docker system dial-stdio`, and all of them
 * share one SSH connection, made at the first request.
 */
export class Tunnel {
  readonly agent: Agent;
  readonly #target: SshTarget;
  readonly #signal: AbortSignal;
  #connecting: Promise<Client> | undefined;
  /** How the last failed session ended. */
  #reason: string | undefined;
  /** Resolves when the first session fails. */
  readonly #sessionFailed: Promise<unknown>;
  #reportFailure: () => void = () => undefined;

  constructor(target: SshTarget, signal: AbortSignal) {
    [this.#target, this.#signal] = [target, signal];
    this.#sessionFailed = new Promise<void>((resolve) => (this.#reportFailure = resolve));
    const open = (done: Done): void => void this.#open().then((stream) => done(null, stream), done);
    this.agent = new (class extends Agent {
      override createConnection(_options: ClientRequestArgs, done: Done): Duplex | undefined {
        open(done);
        return undefined;
      }
    })({ keepAlive: true });
  }

  /**
   * Why the last failed session ended: clearer than the "socket hang up" that a request sees. That arrives
   * with the end of the output, and the status only after it.
   */
  async failure(): Promise<Error | undefined> {
    await Promise.race([this.#sessionFailed, sleep(FAILURE_WAIT_MS, undefined, { ref: false })]);
    return this.#reason === undefined ? undefined : this.#unreachable(this.#reason);
  }

  async #open(): Promise<Duplex> {
    try {
      this.#connecting ??= this.#connect();
      const client = await this.#connecting;
      const command = this.#target.socketPath
        ? `docker --host unix://${this.#target.socketPath} system dial-stdio`
        : "docker system dial-stdio";
      const channel = await new Promise<ClientChannel>((resolve, reject) =>
        client.exec(command, (error, opened) => {
          if (error) return reject(error);
          void exitOf(opened).then(({ code, stderr }) => {
            if (!code) return;
            this.#reason = `"${command}" ended with status ${code}: ${stderr}`;
            this.#reportFailure();
          });
          resolve(opened);
        }),
      );
      return asSocket(channel);
    } catch (error) {
      throw this.#unreachable((error as Error).message);
    }
  }

  #unreachable(reason: string): Error {
    const { user, host, port } = this.#target;
    const where = `ssh://${user}@${host}:${port}`;
    return new DockerError(`cannot reach the Docker engine at ${where}: ${reason}`);
  }

  async #connect(): Promise<Client> {
    try {
      const client = await connectTo(this.#target, this.#signal);
      client.once("close", () => (this.#connecting = undefined));
      return client;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }

  close(): void {
    this.agent.destroy();
    void this.#connecting?.then(
      (client) => client.end(),
      () => undefined,
    );
  }
}
