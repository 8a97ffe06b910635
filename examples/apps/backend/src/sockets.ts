import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { pathOf, requestFields, withResult } from "../../common/access.ts";
import type { App } from "./app.ts";
import { isOwnOrigin } from "./http/origin.ts";

/** Below every proxy's idle limit on the way (60 s is the usual one). */
const PING_MS = 25_000;
const LARGEST_MESSAGE = 64 * 1024;
const GOING_AWAY = 1001;
const STRAGGLER_MS = 2000;

/** WebSockets at `/ws` (requirement A25): a hello, an echo of each message, the number of visitors to all. */
export class Sockets {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE });
  private readonly alive = new WeakSet<WebSocket>();
  private readonly pings: NodeJS.Timeout;

  constructor(
    private readonly app: App,
    http: Server,
  ) {
    http.on("upgrade", (req, socket, head) => this.upgrade(req, socket, head));
    this.pings = setInterval(() => this.ping(), PING_MS).unref();
  }

  /** Says goodbye (RFC 6455, code 1001) to all; who doesn't answer is cut. */
  close(): void {
    clearInterval(this.pings);
    for (const socket of this.server.clients) {
      socket.close(GOING_AWAY, "the server stops; connect again");
      setTimeout(() => socket.terminate(), STRAGGLER_MS).unref();
    }
  }

  private upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const path = pathOf(req);
    if (path !== "/ws" && path !== "/ws/") return this.refuse(req, socket, 404, "Not Found");
    if (!isOwnOrigin(this.app.config.frontendOrigin, req)) return this.refuse(req, socket, 403, "Forbidden");
    this.server.handleUpgrade(req, socket, head, (client) => this.greet(client, req));
  }

  private refuse(req: IncomingMessage, socket: Duplex, status: number, reason: string): void {
    const release = `X-Release: ${this.app.config.release}`;
    socket.end(
      `HTTP/1.1 ${status} ${reason}\r\n${release}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    this.app.metrics.observe(req, "/ws", status, 0);
    this.app.log.info(withResult(requestFields(req), status, 0), "request");
  }

  private greet(client: WebSocket, req: IncomingMessage): void {
    const start = performance.now();
    const fields = requestFields(req);
    this.alive.add(client);
    client.on("pong", () => this.alive.add(client));
    client.on("error", (err) => this.app.log.debug({ err }, "websocket error"));
    client.on("message", (data) => this.send(client, { type: "echo", message: String(data) }));
    client.once("close", (code) => {
      this.app.log.info({ ...withResult(fields, 101, performance.now() - start), code }, "websocket closed");
      this.countVisitors();
    });
    this.app.metrics.observe(req, "/ws", 101, 0);
    this.send(client, { type: "hello", version: this.app.config.version });
    this.countVisitors();
  }

  private countVisitors(): void {
    const visitors = this.server.clients.size;
    this.app.metrics.visitors.set(visitors);
    for (const client of this.server.clients) this.send(client, { type: "visitors", visitors });
  }

  private send(client: WebSocket, message: Record<string, unknown>): void {
    client.send(JSON.stringify({ ...message, release: this.app.config.release }), () => {
      // A client that left in between is dealt with by its close event.
    });
  }

  private ping(): void {
    for (const client of this.server.clients) {
      if (!this.alive.has(client)) client.terminate();
      this.alive.delete(client);
      client.ping();
    }
  }
}
