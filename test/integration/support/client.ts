import type { OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import type { LookupFunction } from "node:net";
import WebSocket from "ws";
import type { StackOutputs } from "../../../automation/lib/outputs.ts";
import { fixedLookup } from "../../../automation/lib/probe.ts";

export { Load } from "./load.ts";

/** What the edge answered. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** What a request has in addition to a path. */
export interface Question {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
  /** Called with the reason when the request is sent again. */
  onRepeat?: (reason: string) => void;
}

/** What a client may send again by itself (RFC 9110 9.2.2). */
const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

/** How a closed connection shows. */
const CLOSED = ["ECONNRESET", "EPIPE"];

/** A connection that had been used before was closed instead of an answer (RFC 9112 9.3.1). */
class ClosedBefore extends Error {}

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

  /**
   * One request, as a browser makes it: one on a connection that was open already, and was closed before any answer, is
   * sent again when that does no harm. The other end may close an idle connection at the very moment that it is used.
   */
  async ask(path: string, options: Question = {}): Promise<Answer> {
    for (;;)
      try {
        return await this.once(path, options);
      } catch (error) {
        // Each such connection is gone then, so that this ends with a new one at the latest.
        if (!(error instanceof ClosedBefore)) throw error;
        options.onRepeat?.(error.message);
      }
  }

  private once(path: string, { method = "GET", headers, body }: Question): Promise<Answer> {
    return new Promise((done, fail) => {
      let answered = false;
      const outgoing = request(
        new URL(path, this.outputs.url),
        { agent: this.agent, method, headers, timeout: 60_000 },
        (answer) => {
          answered = true;
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
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${path}: silent for 60 s`)));
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        const closed = outgoing.reusedSocket && !answered && CLOSED.includes(error.code ?? "");
        fail(closed && IDEMPOTENT.includes(method) ? new ClosedBefore(error.message) : error);
      });
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
