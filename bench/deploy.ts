import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { Agent, request } from "undici";
import { parseDocument } from "yaml";
import { tagsOf, takeOut } from "../automation/build/claims.ts";
import { BUILT_FOR } from "../automation/build/labels.ts";
import { engine } from "../automation/images/engine.ts";
import { buildLocally } from "../automation/images/index.ts";
import { runningRegistry } from "../automation/images/registry.ts";
import { freePort, Project, sampleStacks } from "../test/integration/support/project.ts";
import { median, seconds } from "./pairs.ts";
import type { Keep } from "./table.ts";

const STACK = "staging";
const APP = "bench-deploy";
const GOAL = 15;

/**
 * One line of an application's code changes: how long until a visitor gets it, with `npm run deploy` on a box, beside
 * `docker build` and `docker run` of the same folder on this machine's engine; in turn, the first of each isn't counted.
 */
export async function measureDeploy(count: number, say: (line: string) => void, keep: Keep): Promise<void> {
  const base = await buildLocally("node", say);
  const ours = new Ours(base, say);
  const plain = new Plain(base);
  try {
    await ours.begin();
    const [served, ended, docker]: number[][] = [[], [], []];
    for (let round = 0; round <= count; round++) {
      say(`a line of code, round ${round}`);
      const deployed = await ours.deploy(`v${round}`);
      const ran = await plain.deploy(`v${round}`);
      if (round === 0) continue;
      served!.push(deployed.served);
      ended!.push(deployed.ended);
      docker!.push(ran);
    }
    const note = `median of ${count}; ${spread(served!)}`;
    keep(
      {
        measure: "a line of code → served, npm run deploy",
        figure: median(served!),
        unit: "s",
        goal: GOAL,
        note: `${note}; 1 step`,
      },
      {
        measure: "the same, docker build and docker run",
        figure: median(docker!),
        unit: "s",
        note: `${spread(docker!)}; 3 steps: build, remove, run; nothing serves meanwhile`,
      },
      {
        measure: "a line of code → served ÷ docker build and docker run",
        figure: median(served!.map((one, round) => one / docker![round]!)),
        unit: "×",
      },
      {
        measure: "npm run deploy, until it has ended",
        figure: median(ended!),
        unit: "s",
        note: "with 10 s of watching its health",
      },
    );
  } finally {
    await plain.end();
    await ours.end();
  }
}

const spread = (times: number[]): string =>
  `${Math.min(...times).toFixed(1)}–${Math.max(...times).toFixed(1)} s`;

/** A folder with an application whose answer is a line of its code. */
function write(folder: string, base: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "Dockerfile"),
    `FROM ${base}\nCOPY server.mjs /app/\nCMD ["node", "/app/server.mjs"]\n`,
  );
  const lines = [
    `import { createServer } from "node:http";`,
    `const version = "${version}";`,
    `createServer((_, answer) => answer.end(version)).listen(3000);`,
    `process.on("SIGTERM", () => process.exit());`,
  ];
  writeFileSync(join(folder, "server.mjs"), `${lines.join("\n")}\n`);
}

/** Asks until the answer is the new code's. */
async function until(version: string, ask: () => Promise<string>): Promise<void> {
  for (const deadline = Date.now() + 300_000; Date.now() < deadline; await sleep(20))
    if ((await ask().catch(() => "")) === version) return;
  throw new Error(`${version} wasn't served within 5 minutes`);
}

class Ours {
  private readonly project: Project;
  private readonly agent: Agent;
  private readonly domain: string;

  constructor(
    private readonly base: string,
    private readonly say: (line: string) => void,
  ) {
    const document = parseDocument(sampleStacks()[STACK]!);
    this.domain = String(document.getIn(["config", "fairlead:domain"]));
    for (const name of ["database", "cache"])
      document.setIn(["config", `fairlead:${name}`], document.createNode({ enabled: false }));
    const app = { build: "./app", port: 3000, routes: [{ path: "/" }], environment: { DRAIN_SECONDS: "0" } };
    document.setIn(["config", "fairlead:apps"], document.createNode({ [APP]: app }));
    this.project = new Project({ [STACK]: document.toString() });
    this.agent = new Agent({ connect: { rejectUnauthorized: false, servername: this.domain } });
  }

  async begin(): Promise<void> {
    write(join(this.project.folder, "app"), this.base, "first");
    await this.project.freePorts(STACK);
    this.say("npm run up");
    await this.verb("up", "--watch", "0");
  }

  async deploy(version: string): Promise<{ served: number; ended: number }> {
    write(join(this.project.folder, "app"), this.base, version);
    const { https } = this.project.ports(STACK);
    const ask = async (): Promise<string> => {
      const headers = { host: `${this.domain}:${https}` };
      const { body } = await request(`https://127.0.0.1:${https}/`, { headers, dispatcher: this.agent });
      return body.text();
    };
    const running = this.verb("deploy");
    const ended = seconds(() => running);
    // What fails ends the waiting, too.
    const served = seconds(() =>
      Promise.race([until(version, ask), running.then(() => until(version, ask))]),
    );
    return { served: await served, ended: await ended };
  }

  private async verb(name: string, ...args: string[]): Promise<void> {
    const words = ["run", "--silent", name, "--", "--stack", STACK, ...args, "--yes", "--json"];
    const ran = await this.project.exec("npm", words);
    if (ran.exitCode !== 0) throw new Error(`npm run ${name} failed:\n${ran.stdout}\n${ran.stderr}`);
  }

  async end(): Promise<void> {
    await this.agent.close();
    this.say("npm run down");
    const ran = await this.project.run("down", "--stack", STACK, "--yes");
    if (ran.exitCode === 0) this.project.remove();
    else this.say(`npm run down failed; the stack's folder is kept: ${this.project.folder}\n${ran.stderr}`);
    const docker = engine();
    const port = await runningRegistry(docker);
    if (port !== undefined) {
      const repository = { registry: `127.0.0.1:${port}`, name: `built/${APP}` };
      for (const { digest } of await tagsOf(repository)) await takeOut(repository, digest);
    }
    for (const { Id } of await docker.listImages({ filters: { label: [`${BUILT_FOR}=${APP}`] } }))
      await docker.getImage(Id).remove({ force: true });
  }
}

/** What a person without fairlead types, and a visitor who asks the container. */
class Plain {
  private readonly folder = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
  private readonly name = `fairlead-bench-${process.pid}`;
  private port?: number;

  constructor(private readonly base: string) {}

  deploy(version: string): Promise<number> {
    write(this.folder, this.base, version);
    return seconds(async () => {
      this.port ??= await freePort();
      await execa("docker", ["build", "--tag", this.name, this.folder]);
      await execa("docker", ["rm", "--force", this.name], { reject: false });
      const publish = `127.0.0.1:${this.port}:3000`;
      await execa("docker", ["run", "--detach", "--name", this.name, "--publish", publish, this.name]);
      await until(version, async () => (await request(`http://127.0.0.1:${this.port}/`)).body.text());
    });
  }

  async end(): Promise<void> {
    await execa("docker", ["rm", "--force", this.name], { reject: false });
    await execa("docker", ["image", "rm", this.name], { reject: false });
    rmSync(this.folder, { recursive: true });
  }
}
