import { request, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Passes requests on to the backend. Only for running without an edge, on a laptop: no retries, no limits. */
export class Proxy {
  private readonly open = new Set<{ destroy: () => unknown }>();

  constructor(private readonly backend: URL) {}

  /** One request and its answer. */
  pass(req: IncomingMessage, res: ServerResponse): void {
    this.watch(res);
    const up = request(this.target(req), (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    up.on("error", (error) => {
      if (res.headersSent) res.destroy();
      else
        res
          .writeHead(502, { "Content-Type": "application/json" })
          .end(JSON.stringify({ error: error.message }));
    });
    res.once("close", () => up.destroy());
    req.pipe(up);
  }

  /** A WebSocket's handshake, and then every byte both ways. */
  passUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.watch(socket);
    const up = request(this.target(req));
    const end = () => {
      up.destroy();
      socket.destroy();
    };
    up.on("upgrade", (answer, upstream, rest) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
      socket.write(rest);
      upstream.write(head);
      upstream.on("error", end).on("close", end).pipe(socket);
      socket.once("close", () => upstream.destroy());
      socket.pipe(upstream);
    });
    up.on("response", end);
    up.on("error", end);
    socket.on("error", end);
    up.end();
  }

  /** Ends what would never end by itself. */
  close(): void {
    for (const stream of this.open) stream.destroy();
  }

  private watch(stream: Duplex | ServerResponse): void {
    this.open.add(stream);
    stream.once("close", () => this.open.delete(stream));
  }

  private target(req: IncomingMessage) {
    const forwarded = { "x-forwarded-for": req.socket.remoteAddress ?? "", "x-forwarded-proto": "http" };
    return {
      host: this.backend.hostname,
      port: this.backend.port,
      method: req.method,
      path: req.url,
      headers: { ...req.headers, ...forwarded },
    };
  }
}
