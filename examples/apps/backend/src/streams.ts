import type { ServerResponse } from "node:http";

/** Unsent bytes at which a client that doesn't read is let go. */
const BACKLOG = 64 * 1024;

/** Server-sent events: a tick a second to each client, and a goodbye at the end (WHATWG HTML, section 9.2). */
export class Streams {
  private readonly timers = new Map<ServerResponse, NodeJS.Timeout>();

  constructor(private readonly release: string) {}

  /** Starts a stream. @param last number of the last tick that the client has seen; the next one follows it */
  open(res: ServerResponse, last: number): void {
    res.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      // Asks nginx to pass each event on at once.
      "X-Accel-Buffering": "no",
    });
    res.write("retry: 1000\n\n");
    let id = last;
    const tick = () => {
      id += 1;
      const data = JSON.stringify({ id, release: this.release, time: new Date().toISOString() });
      res.write(`id: ${id}\nevent: tick\ndata: ${data}\n\n`);
      if (res.writableLength > BACKLOG) res.destroy();
    };
    tick();
    this.timers.set(res, setInterval(tick, 1000));
    res.once("close", () => {
      clearInterval(this.timers.get(res));
      this.timers.delete(res);
    });
  }

  /** Ends all streams; clients come back with their last id, to the release that serves then. */
  close(): void {
    for (const [res, timer] of this.timers) {
      clearInterval(timer);
      res.end(`event: bye\ndata: ${JSON.stringify({ release: this.release })}\n\n`);
    }
  }
}
