import type { OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import type { LookupFunction } from "node:net";
import WebSocket from "ws";
import type { StackOutputs } from "../../../automation/outputs.ts";
import { fixedLookup } from "../../../automation/probe.ts";

/** What the edge answered. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A visitor of the stack: comes in by name over TLS and trusts only the stack's own certificate. */
export class Client {
  private readonly agent: Agent;

  constructor(
    private readonly outputs: Pick<StackOutputs, "url" | "certificate" | "address">,
    private readonly options: { keepAlive?: boolean } = {},
  ) {
    this.agent = new Agent({ keepAlive: true, ...options, maxSockets: 50, ...this.trust });
  }

  /** Another visitor of the same kind, with connections of its own. */
  another(): Client {
    return new Client(this.outputs, this.options);
  }

  /** Not every resolver knows the names below `localhost`, so the address comes from the stack. */
  private get trust(): { ca?: string; lookup?: LookupFunction } {
    return { ca: this.outputs.certificate, lookup: fixedLookup(this.outputs.address) };
  }

  ask(
    path: string,
    options: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
  ): Promise<Answer> {
    return new Promise((done, fail) => {
      const { method = "GET", headers, body } = options;
      const outgoing = request(
        new URL(path, this.outputs.url),
        { agent: this.agent, method, headers, timeout: 60_000 },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("end", () =>
            done({
              status: answer.statusCode!,
              headers: answer.headers,
              body: Buffer.concat(parts).toString(),
            }),
          );
          answer.on("error", fail);
        },
      );
      outgoing.on("error", fail);
      outgoing.end(body);
    });
  }

  async json<T>(path: string, options?: Parameters<Client["ask"]>[1]): Promise<T> {
    return JSON.parse((await this.ask(path, options)).body) as T;
  }

  socket(path: string): WebSocket {
    const url = new URL(path, this.outputs.url);
    url.protocol = "wss:";
    return new WebSocket(url, this.trust);
  }

  /** First text of a stream that fits; ends the stream then. */
  stream(path: string, pattern: RegExp): Promise<string> {
    return new Promise((done, fail) => {
      const outgoing = request(
        new URL(path, this.outputs.url),
        { ...this.trust, headers: { accept: "text/event-stream" } },
        (answer) => {
          let text = "";
          answer.on("data", (part: Buffer) => {
            text += part.toString();
            if (!pattern.test(text)) return;
            outgoing.destroy();
            done(text);
          });
        },
      );
      outgoing.on("error", fail);
      outgoing.setTimeout(10_000, () =>
        outgoing.destroy(new Error(`${path} sent nothing that fits ${String(pattern)}`)),
      );
      outgoing.end();
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/**
 * Bounded load while something else happens: one request after the other in each of a few lanes. On connections of its
 * own: one that was idle for long may be closed in the very moment that it is used again, which says nothing about what
 * happens meanwhile (RFC 9112 9.3.1).
 */
export class Load {
  readonly failures: string[] = [];
  readonly releases = new Set<string>();
  count = 0;
  private running = true;
  private readonly lanes: Promise<void>[];
  private readonly client: Client;

  constructor(
    client: Client,
    private readonly path: string,
    lanes = 4,
    /** Milliseconds between two requests of a lane. */
    private readonly pause = 20,
  ) {
    this.client = client.another();
    this.lanes = Array.from({ length: lanes }, () => this.lane());
  }

  async stop(): Promise<this> {
    this.running = false;
    await Promise.all(this.lanes);
    this.client.close();
    return this;
  }

  private async lane(): Promise<void> {
    const end = Date.now() + 120_000;
    while (this.running && Date.now() < end) {
      try {
        const { status, headers, body } = await this.client.ask(this.path);
        this.count++;
        this.releases.add(String(headers["x-release"]));
        if (status !== 200) this.failures.push(`${status} ${body.slice(0, 200)}`);
      } catch (error) {
        this.failures.push((error as Error).message);
      }
      await new Promise((resolve) => setTimeout(resolve, this.pause));
    }
  }
}
