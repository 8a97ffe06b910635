import type { StackOutputs } from "../../../automation/lib/outputs.ts";
import { Client } from "./client.ts";

/** A time without a good answer, milliseconds. */
export interface Interruption {
  path: string;
  milliseconds: number;
  /** What came instead, each once. */
  instead: string[];
}

/** Longest wait for one answer, milliseconds: a visitor who waits longer has none. */
const PATIENCE = 5000;

/**
 * Asks for a path about five times a second, each time on a new connection, and remembers when no good answer came: from
 * the first question that got none to the next one that did.
 */
export class Visitor {
  readonly interruptions: Interruption[] = [];
  count = 0;
  private readonly asking: Promise<void>[];
  private readonly client: Client;
  private running = true;

  constructor(outputs: Pick<StackOutputs, "url" | "certificate" | "address">, paths: readonly string[]) {
    this.client = new Client(outputs, { keepAlive: false });
    this.asking = paths.map((path) => this.askFor(path));
  }

  /** Ends it, once every path is answered again. */
  async stop(): Promise<Interruption[]> {
    this.running = false;
    await Promise.all(this.asking);
    this.client.close();
    return this.interruptions;
  }

  private async askFor(path: string): Promise<void> {
    let since: number | undefined;
    const instead = new Set<string>();
    while (this.running || since !== undefined) {
      const asked = Date.now();
      const failure = await this.once(path);
      this.count++;
      if (failure !== undefined) {
        since ??= asked;
        instead.add(failure);
        if (!this.running && asked - since > 60_000) break;
      } else if (since !== undefined) {
        this.interruptions.push({ path, milliseconds: asked - since, instead: [...instead] });
        since = undefined;
        instead.clear();
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    if (since !== undefined)
      this.interruptions.push({ path, milliseconds: Date.now() - since, instead: [...instead] });
  }

  /** What went wrong with one question; `undefined` when it was answered well. */
  private async once(path: string): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve("silence"), PATIENCE);
    });
    const answered = this.client.ask(path).then(
      ({ status }) => (status === 200 ? undefined : String(status)),
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
