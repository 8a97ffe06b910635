import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa, type ResultPromise } from "execa";
import { buildLocally } from "../../automation/images/index.ts";

/** An alert as Alertmanager posts it. */
export interface Told {
  status: "firing" | "resolved";
  labels: Record<string, string>;
  summary: string;
  description: string;
  /** Milliseconds of the epoch. */
  at: number;
}

interface Line {
  path: string;
  at: number;
  /** What it was answered with. */
  status: number;
  body: string;
}

interface Posted {
  alerts: {
    status: Told["status"];
    labels: Told["labels"];
    annotations: { summary: string; description: string };
  }[];
}

type Options = { reject: false; buffer: { stdout: false } };

/** Who is told of alerts, and a dead man's switch: a container on the network of the boxes. */
export class People {
  /** What they were told, each alert of a notification by itself. */
  readonly told: Told[] = [];
  /** When the dead man's switch heard. */
  readonly heard: number[] = [];
  /** Requests that were refused, by path. */
  readonly refused: Record<string, number> = {};
  private readonly name = `people-${randomBytes(3).toString("hex")}`;
  private process?: ResultPromise<Options>;

  /** @returns the address at which a box reaches them */
  async start(say: (line: string) => void): Promise<string> {
    const image = await buildLocally("node", say);
    const program = readFileSync(join(__dirname, "receiver.mjs"), "utf8");
    const options = ["--rm", "--init", "-i", "--name", this.name, "--network", "fairlead", "--user", "0"];
    const node = ["node", "--input-type=module", "-e", program];
    this.process = execa("docker", ["run", ...options, image, ...node], {
      reject: false,
      buffer: { stdout: false },
    });
    const lines = createInterface({ input: this.process.stdout! });
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (text) => {
        const line = JSON.parse(text) as Line;
        if (line.path === "ready") resolve();
        else this.keep(line);
      });
      void this.process!.then(({ stderr }) => reject(new Error(`the receiver ended: ${String(stderr)}`)));
    });
    const format = "{{.NetworkSettings.Networks.fairlead.IPAddress}}";
    return (await execa("docker", ["inspect", "--format", format, this.name])).stdout.trim();
  }

  private keep({ path, at, status, body }: Line): void {
    if (status >= 300) this.refused[path] = (this.refused[path] ?? 0) + 1;
    else if (path === "/watchdog") this.heard.push(at);
    else if (path === "/alerts")
      for (const { status: state, labels, annotations } of (JSON.parse(body) as Posted).alerts)
        this.told.push({ status: state, labels, ...annotations, at });
  }

  /** What they answer from now on, by path; whether their name server knows the site. */
  tell(how: { status?: Record<string, number>; knows?: boolean }): void {
    this.process!.stdin!.write(`${JSON.stringify(how)}\n`);
  }

  async stop(): Promise<void> {
    await execa("docker", ["rm", "--force", this.name], { reject: false });
    await this.process;
  }
}
