import { connect, type Socket } from "node:net";

/** A connection of a visitor, read by lines. */
export class Visitor {
  private text = "";
  private readonly ended: Promise<void>;

  constructor(readonly socket: Socket) {
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => (this.text += piece));
    this.ended = new Promise((done) => socket.on("close", () => done()));
    socket.on("error", () => undefined);
  }

  static to(port: number, host = "127.0.0.1"): Visitor {
    return new Visitor(connect({ port, host }));
  }

  /** The next line; throws when the connection ends before it. */
  async line(): Promise<string> {
    let over = false;
    void this.ended.then(() => (over = true));
    while (!this.text.includes("\n")) {
      if (over) throw new Error(`the connection ended after "${this.text}"`);
      await new Promise((done) => setTimeout(done, 5));
    }
    const at = this.text.indexOf("\n");
    const line = this.text.slice(0, at);
    this.text = this.text.slice(at + 1);
    return line;
  }

  /** The next bytes, so many. */
  async take(count: number): Promise<Buffer> {
    while (this.text.length < count) await new Promise((done) => setTimeout(done, 5));
    const bytes = Buffer.from(this.text.slice(0, count), "latin1");
    this.text = this.text.slice(count);
    return bytes;
  }

  /** Says a word, and returns what comes back. */
  async echo(word: string): Promise<string> {
    this.socket.write(`${word}\n`);
    return this.line();
  }

  close(): void {
    this.socket.destroy();
  }
}
