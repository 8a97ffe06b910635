import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import type { StackOutputs } from "../../automation/lib/outputs.ts";
import type { UpResult } from "../../automation/verbs/up.ts";
import { Client } from "../../test/integration/support/client.ts";
import { Project, sampleStacks } from "../../test/integration/support/project.ts";
import { onBox } from "../../test/integration/support/server.ts";
import { HEALTH, JOB, WEB, WORKER } from "./application.ts";

const STACK = "staging";
const PORT = 8080;
const node = (program: string): string[] => ["node", "-e", program];

/** What this machine's memory is like; a box shows that of its machine. */
export interface Memory {
  total: number;
  available: number;
}

export function memory(): Memory {
  const text = readFileSync("/proc/meminfo", "utf8");
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(text)![1]) * 1024;
  return { total: bytes("MemTotal"), available: bytes("MemAvailable") };
}

/** The share of used memory above which the alert fires: so much above what is used now that little is enough. */
export function memoryThreshold({ total, available }: Memory): number {
  return Math.max(0.25, Math.ceil((1 - available / total) * 20 + 3) / 20);
}

/** Applications that break, beside the samples that don't; each has a thing of its own that goes wrong. */
export const BROKEN = ["failing", "counted", "slow", "spends", "gone", "many", "work"] as const;
export type Broken = (typeof BROKEN)[number];

/** A stack with monitoring on a box, and applications that break when they are told. */
export class AlertStack {
  readonly project = new Project({ [STACK]: sampleStacks()[STACK]! });
  readonly root = "/opt/maicivy";
  private outputs?: StackOutputs;
  private visitor?: Client;

  /** @param people the address of the receiver */
  async up(people: string): Promise<void> {
    await this.project.freePorts(STACK);
    const first = await this.verb("setup", "--yes");
    if (first.exitCode !== 0) throw new Error(`npm run setup failed:\n${first.stdout}\n${first.stderr}`);
    for (const [name, path] of [
      ["ALERT_WEBHOOK_URL", "alerts"],
      ["SLACK_WEBHOOK_URL", "slack"],
      ["WATCHDOG_URL", "watchdog"],
    ]) {
      const argv = ["config", "set", "--secret", name!, "--stack", STACK];
      const ran = await this.project.pulumi(argv, `http://${people}/${path}`);
      if (ran.exitCode !== 0) throw new Error(`${argv.join(" ")}:\n${ran.stdout}\n${ran.stderr}`);
    }
    this.declare(people);
    const ran = await this.project.run("up", "--stack", STACK, "--watch", "0", "--json");
    if (ran.exitCode !== 0) throw new Error(`npm run up failed:\n${ran.stdout}\n${ran.stderr}`);
    this.outputs = (JSON.parse(ran.stdout) as UpResult).outputs;
  }

  private declare(people: string): void {
    this.project.edit(STACK, (file) => {
      const set = (path: string[], value: unknown): void =>
        file.setIn(["config", ...path], file.createNode(value));
      const image = String(file.getIn(["config", "fairlead:apps", "backend", "image"]));
      for (const app of BROKEN) set(["fairlead:apps", app], breaking(app, image));
      set(["fairlead:apps", "backend", "metrics"], {});
      set(["fairlead:monitoring"], {
        enabled: true,
        probes: { resolver: `${people}:53` },
        thresholds: { memory: { above: `${Math.round(memoryThreshold(memory()) * 100)}%` } },
        apps: {
          // The share of errors stays below its threshold: what is counted is their number (M16).
          counted: { thresholds: { errorRate: { above: 0.1 } } },
        },
      });
      set(["fairlead:notifications"], { webhook: {}, slack: {}, watchdog: {} });
      set(["fairlead:edge", "subdomains", "analytics"], { pages: "dashboards" });
    });
  }

  get client(): Client {
    return (this.visitor ??= new Client(this.outputs!));
  }

  /** An application of this bench gets to know what goes wrong with it from now on. */
  async tell(app: Broken, how: Record<string, number>): Promise<void> {
    const query = Object.entries(how).map(([name, value]) => `${name}=${value}`);
    const { status } = await this.client.ask(`/${app}/set?${query.join("&")}`);
    if (status !== 200) throw new Error(`${app} answers ${status}`);
  }

  /** A program on the box; what it printed. */
  async run(argv: string[], input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await onBox(this.project.folder, this.outputs!.ssh, argv, input);
    if (exitCode !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** A script on the box; the words after it are its arguments. */
  script(text: string, ...words: string[]): Promise<string> {
    return this.run(["sh", "-ec", text, "sh", ...words]);
  }

  docker(...argv: string[]): Promise<string> {
    return this.run(["docker", ...argv]);
  }

  /** The container of an application's process; not one of its jobs, and none that this bench has made. */
  async container(app: string, process = ""): Promise<string> {
    const format = '{{.Names}} {{.Label "process"}}/{{.Label "task"}}';
    const found = await this.docker("ps", "--all", "--filter", `label=service=${app}`, "--format", format);
    const lines = found.split("\n").map((line) => line.split(" "));
    const [name] = lines.find(([one, is]) => is === `${process}/` && !one!.startsWith("bench-")) ?? [];
    if (name === undefined) throw new Error(`${app} has no container of ${process || "web"}: ${found}`);
    return name;
  }

  /** A verb of the automation; the exit code and what it printed. */
  verb(name: string, ...args: string[]): ReturnType<Project["run"]> {
    return this.project.run(name, "--stack", STACK, ...args);
  }

  /** What Prometheus says of an expression, a line each. */
  async ask(expression: string): Promise<string[]> {
    const query = ["promtool", "query", "instant", "http://127.0.0.1:9090", expression];
    return (await this.docker("exec", "maicivy_prometheus", ...query)).split("\n").filter(Boolean);
  }

  async down(): Promise<void> {
    this.visitor?.close();
    const ran = await this.project.run("down", "--stack", STACK, "--yes");
    if (ran.exitCode !== 0)
      throw new Error(
        `npm run down failed; the stack's folder is kept: ${this.project.folder}\n${ran.stderr}`,
      );
    this.project.remove();
  }
}

function breaking(app: Broken, image: string): object {
  const web = {
    image,
    port: PORT,
    command: node(WEB),
    metrics: {},
    resources: { memory: "96 MB", cpus: 0.5 },
    routes: [{ path: `/${app}/` }],
    stop: "3 s",
    drain: "1 s",
  };
  if (app !== "work") return web;
  const job = { command: node(JOB), schedule: "* * * * *" };
  const health = { command: node(HEALTH), interval: "15 s", retries: 2 };
  return {
    ...web,
    volumes: { flags: { path: "/flags" } },
    jobs: { nightly: job, late: job },
    // Its check is a program beside it, in the same memory.
    processes: {
      worker: { command: node(WORKER), health, resources: { memory: "160 MB", cpus: 0.5 }, stop: "3 s" },
    },
  };
}

/** Rules as text, for what the bench adds to them. */
export const rules = (groups: object[]): string => stringify({ groups });
