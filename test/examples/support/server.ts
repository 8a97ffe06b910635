import { spawn, type ChildProcess } from "node:child_process";
import { build, type AppName } from "./apps.ts";
import { freePort } from "./port.ts";
import type { Stores } from "./stores.ts";
import { until } from "./wait.ts";

/** A line of an application's log. */
export type Line = Record<string, unknown> & { level: string; msg: string };

const running = new Set<Server>();

after("end the applications that a failed test left behind", async () => {
  await Promise.all([...running].map((server) => server.end()));
});

/** A built application that runs as a process of its own, as in a container. */
export class Server {
  readonly exited: Promise<number | null>;
  output = "";

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (text) => (this.output += String(text)));
    running.add(this);
    this.exited = new Promise((resolve) => {
      const ended = (code: number | null) => {
        running.delete(this);
        resolve(code);
      };
      child.once("exit", ended);
      child.once("error", (error) => {
        this.output += error.message;
        ended(null);
      });
    });
  }

  /** Starts an application with exactly this environment. */
  static async start(app: AppName, env: Record<string, string>): Promise<Server> {
    const path = await build(app);
    const port = env.PORT ? Number(env.PORT) : await freePort();
    // No PATH and no other variable of this process: it needs nothing but Node.
    const child = spawn(process.execPath, [path], {
      cwd: "/",
      env: { HOST: "127.0.0.1", PORT: String(port), ...env },
    });
    return new Server(child, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The log so far. @throws SyntaxError when a line isn't JSON */
  get lines(): Line[] {
    return this.output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  }

  /** Waits until it listens. */
  async up(): Promise<this> {
    await until(`it listens; its log:\n${this.output}`, () => {
      if (this.child.exitCode !== null) throw new Error(`it ended:\n${this.output}`);
      return this.output.includes('"msg":"listening"');
    });
    return this;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + path, init);
  }

  /** Asks for JSON. */
  async json(path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await this.fetch(path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Ends it at once, when a test is over. */
  async end(): Promise<void> {
    this.kill("SIGKILL");
    await this.exited;
  }
}

/** The environment of a backend on these stores. */
export function backendEnv(
  { postgres, redis }: Stores,
  more: Record<string, string> = {},
): Record<string, string> {
  return { DATABASE_URL: postgres.url, REDIS_URL: redis.url, RELEASE: "r1", DRAIN_SECONDS: "0", ...more };
}

/** Starts a backend and waits until it is ready for requests that need the stores. */
export async function startBackend(stores: Stores, more?: Record<string, string>): Promise<Server> {
  const server = await (await Server.start("backend", backendEnv(stores, more))).up();
  await until("the cache is connected", async () => (await server.json("/api/counter")).status !== 503);
  return server;
}

/** What to give to `fetch` for a JSON body. */
export function post(data: unknown): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
}
