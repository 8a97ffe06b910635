import { execa, type ResultPromise } from "execa";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { buildLocally } from "../../../automation/images/index.ts";

/** What is posted to it, as Alertmanager writes it. */
export interface Notification {
  status: "firing" | "resolved";
  alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[];
  /** Milliseconds of the epoch. */
  at: number;
  path: string;
}

const PROGRAM = `require("http").createServer((request, answer) => {
  let body = "";
  request.on("data", (piece) => (body += piece)).on("end", () => {
    console.log(JSON.stringify({ path: request.url, body }));
    answer.end("ok");
  });
}).listen(80, () => console.log("ready"))`;

/** Stands in for who is told of alerts, on the network of the boxes. */
export class Receiver {
  readonly received: Notification[] = [];
  private readonly name = `receiver-${randomBytes(3).toString("hex")}`;
  private process?: ResultPromise<{ reject: false; buffer: { stdout: false } }>;

  /** @returns its address as a box reaches it */
  async start(): Promise<string> {
    const image = await buildLocally("node", () => undefined);
    const options = ["--rm", "--init", "--name", this.name, "--network", "fairlead"];
    this.process = execa("docker", ["run", ...options, image, "node", "-e", PROGRAM], {
      reject: false,
      buffer: { stdout: false },
    });
    const lines = createInterface({ input: this.process.stdout });
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => (line === "ready" ? resolve() : this.keep(line)));
      void this.process!.then(({ stderr }) => reject(new Error(`the receiver ended: ${stderr}`)));
    });
    const shown = await execa("docker", [
      "inspect",
      "--format",
      "{{.NetworkSettings.Networks.fairlead.IPAddress}}",
      this.name,
    ]);
    return `http://${shown.stdout.trim()}`;
  }

  private keep(line: string): void {
    const { path, body } = JSON.parse(line) as { path: string; body: string };
    this.received.push({ ...(JSON.parse(body) as Notification), at: Date.now(), path });
  }

  /** What it has got of an alert. */
  of(alert: string): Notification[] {
    return this.received.filter(({ alerts }) => alerts.some(({ labels }) => labels.alertname === alert));
  }

  async stop(): Promise<void> {
    await execa("docker", ["rm", "--force", this.name], { reject: false });
    await this.process;
  }
}
