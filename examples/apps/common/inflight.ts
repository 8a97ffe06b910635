import type { ServerResponse } from "node:http";

/** The answers that are being given, and whether the process is on its way out. */
export class InFlight {
  private readonly open = new Set<ServerResponse>();
  #draining = false;

  get draining(): boolean {
    return this.#draining;
  }

  /** How many requests have no complete answer yet. */
  get size(): number {
    return this.open.size;
  }

  add(res: ServerResponse): void {
    this.open.add(res);
    res.once("close", () => this.open.delete(res));
    if (this.#draining) res.shouldKeepAlive = false;
  }

  /** From here every answer, also of a request that already runs, says `Connection: close`. */
  drain(): void {
    this.#draining = true;
    for (const res of this.open) if (!res.headersSent) res.shouldKeepAlive = false;
  }
}
