import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openMetrics } from "./series.ts";

/** Whether Debian's package of Prometheus is installed: `npm test` does it. */
export const isInstalled = ["prometheus", "promtool"].every(
  (file) => spawnSync(file, ["--version"]).status === 0,
);

/** A real Prometheus on the loopback that has the figures of a loaded stack, a day of them. */
export class LoadedPrometheus {
  readonly now = Math.floor(Date.now() / 60_000) * 60;
  port = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), "fairlead-prometheus-"));
  private process?: ChildProcess;

  async start(): Promise<void> {
    const text = join(this.folder, "series.txt");
    const data = join(this.folder, "data");
    writeFileSync(text, openMetrics(this.now, 86_400, 60));
    const made = spawnSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", "--quiet", text, data], {
      encoding: "utf8",
    });
    if (made.status !== 0) throw new Error(made.stderr);
    const file = join(this.folder, "prometheus.yml");
    writeFileSync(file, "global: {scrape_interval: 15s}\n");
    this.port = await freePort();
    const options = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${this.port}`,
    ];
    this.process = spawn("prometheus", options, { stdio: "ignore" });
    await this.ready();
  }

  /** @throws Error with what Prometheus says of the expression */
  async ask(expr: string): Promise<number> {
    const query = new URLSearchParams({ query: expr, time: String(this.now) });
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/query?${query}`);
    const { error, data } = (await answer.json()) as {
      error?: string;
      data?: { resultType: string; result: unknown[] };
    };
    if (!data) throw new Error(`${expr}: ${error}`);
    return data.resultType === "scalar" ? 1 : data.result.length;
  }

  stop(): void {
    this.process?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    for (let turn = 0; turn < 300; turn++) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/-/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(100);
    }
    throw new Error("Prometheus did not become ready within 30 s");
  }
}

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
