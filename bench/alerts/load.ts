import type { Client } from "../../test/integration/support/client.ts";

/** Requests at a steady rate until it is stopped, whatever they are answered. */
export class SteadyLoad {
  count = 0;
  /** Those that got no answer, or 5xx, by address. */
  readonly failed: Record<string, number> = {};
  private readonly timers: NodeJS.Timeout[];
  private readonly client: Client;

  /** @param rates requests a second, by address */
  constructor(client: Client, rates: Record<string, number>) {
    this.client = client.another();
    this.timers = Object.entries(rates).map(([path, rate]) =>
      setInterval(() => void this.ask(path), 1000 / rate),
    );
  }

  private async ask(path: string): Promise<void> {
    this.count++;
    const { status } = await this.client.ask(path).catch(() => ({ status: 599 }));
    if (status >= 500) this.failed[path] = (this.failed[path] ?? 0) + 1;
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.client.close();
  }
}
