import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./wait.ts";

const file = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(":").map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

/** Why no browser can be started here; nothing when one can. */
export function browserMissing(): string | undefined {
  return file ? undefined : "no browser: apt-get install chromium";
}

const SWITCHES = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--remote-debugging-port=0",
];

interface Message {
  id?: number;
  method?: string;
  params?: {
    requestId?: string;
    responseStatusCode?: number;
    responseHeaders?: object[];
    entry?: { text: string };
  };
  result?: { result?: { value?: unknown } };
}

/** A real browser with one page, driven over the DevTools protocol. */
export class Browser {
  /** What the page's console complained about. */
  readonly complaints: string[] = [];
  private readonly waiting = new Map<number, (message: Message) => void>();
  private calls = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
    private readonly socket: WebSocket,
    private readonly policy: string | undefined,
  ) {
    socket.addEventListener("message", ({ data }) => this.receive(JSON.parse(String(data)) as Message));
  }

  /**
   * Starts a browser.
   * @param policy content security policy that is put on each page it loads; without one the server's own holds
   * @param switches command-line switches beside the usual ones
   */
  static async start(policy?: string, switches: string[] = []): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "app-browser-"));
    const child = spawn(file ?? "", [...SWITCHES, ...switches, `--user-data-dir=${profile}`, "about:blank"]);
    let output = "";
    child.stderr.on("data", (text) => (output += String(text)));
    await until("the browser listens", () => output.includes("DevTools listening"), 30);
    const [, host] = /ws:\/\/([^/]+)/.exec(output) ?? [];
    const targets = (await (await fetch(`http://${host}/json`)).json()) as Record<string, string>[];
    const page = targets.find(({ type }) => type === "page");
    const socket = new WebSocket(page?.webSocketDebuggerUrl ?? "");
    await once(socket, "open");
    const browser = new Browser(child, profile, socket, policy);
    for (const domain of ["Runtime", "Log", "Page"]) await browser.call(`${domain}.enable`);
    const patterns = [{ resourceType: "Document", requestStage: "Response" }];
    if (policy !== undefined) await browser.call("Fetch.enable", { patterns });
    return browser;
  }

  async open(url: string): Promise<void> {
    await this.call("Page.navigate", { url });
  }

  /** Evaluates an expression in the page. */
  async run<T>(expression: string): Promise<T> {
    return (await this.call("Runtime.evaluate", { expression })).result?.result?.value as T;
  }

  /** The text of an element, by its id. */
  text(id: string): Promise<string> {
    return this.run(`document.getElementById(${JSON.stringify(id)})?.textContent`);
  }

  async end(): Promise<void> {
    const gone = once(this.child, "exit");
    this.socket.close();
    this.child.kill();
    await gone;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private call(method: string, params: object = {}): Promise<Message> {
    this.calls += 1;
    const id = this.calls;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  private receive({ id, method, params = {}, ...rest }: Message): void {
    if (id !== undefined) this.waiting.get(id)?.({ id, ...rest });
    if (method === "Log.entryAdded") this.complaints.push(params.entry?.text ?? "");
    if (method === "Runtime.exceptionThrown") this.complaints.push(JSON.stringify(params));
    if (method !== "Fetch.requestPaused") return;
    const { requestId, responseStatusCode: responseCode, responseHeaders = [] } = params;
    const header = { name: "Content-Security-Policy", value: this.policy };
    void this.call("Fetch.continueResponse", {
      requestId,
      responseCode,
      responseHeaders: [...responseHeaders, header],
    });
  }
}
