import type { Client } from "./client.ts";

/**
 * Bounded load while something else happens: one request after the other in each of a few lanes. On connections of its
 * own: one that was idle for long may be closed in the very moment that it is used again, which says nothing about what
 * happens meanwhile (RFC 9112 9.3.1).
 */
export class Load {
  /** Whatever didn't go well at once: what is {@link lost}, and requests that had to be sent again. */
  readonly failures: string[] = [];
  /** What a visitor sees go wrong. */
  readonly lost: string[] = [];
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

  private lose(what: string): void {
    this.failures.push(what);
    this.lost.push(what);
  }

  private async lane(): Promise<void> {
    const end = Date.now() + 120_000;
    while (this.running && Date.now() < end) {
      try {
        const onRepeat = (reason: string): unknown => this.failures.push(`${reason}, sent again`);
        const { status, headers, body } = await this.client.ask(this.path, { onRepeat });
        this.count++;
        this.releases.add(String(headers["x-release"]));
        if (status !== 200) this.lose(`${status} ${body.slice(0, 200)}`);
      } catch (error) {
        this.lose((error as Error).message);
      }
      await new Promise((resolve) => setTimeout(resolve, this.pause));
    }
  }
}
