import { once } from "node:events";

/** A WebSocket client that keeps the messages that it gets. */
export class Socket {
  readonly messages: Record<string, unknown>[] = [];
  readonly closed: Promise<CloseEvent>;

  private constructor(readonly socket: WebSocket) {
    socket.addEventListener("message", ({ data }) => this.messages.push(JSON.parse(String(data))));
    this.closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  }

  /** Opens a connection. @throws Error when the server refuses */
  static async open(url: string): Promise<Socket> {
    const client = new Socket(new WebSocket(url.replace("http", "ws")));
    const refused = client.closed.then(({ code }) => Promise.reject(new Error(`refused (${code})`)));
    refused.catch(() => {});
    await Promise.race([once(client.socket, "open"), refused]);
    return client;
  }

  /** The messages of one type. */
  of(type: string): Record<string, unknown>[] {
    return this.messages.filter((message) => message.type === type);
  }
}
