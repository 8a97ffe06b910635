import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa, type Result } from "execa";
import { parseDocument, type YAMLMap } from "yaml";

const ROOT = resolve(__dirname, "..", "..", "..");

/** What a command printed and how it ended. */
export type Ran = Pick<Result, "exitCode"> & { stdout: string; stderr: string };

/** A stack file at the root: the user's own, with what set-up has recorded in it. */
const STACK_FILE = /^Pulumi\..+\.yaml$/;

/** The stack files of the project's own sample, by stack. */
export function sampleStacks(): Record<string, string> {
  const read = (stack: string): string =>
    readFileSync(join(ROOT, "examples", "maicivy", `Pulumi.${stack}.yaml`), "utf8");
  return { staging: read("staging"), prod: read("prod") };
}

/**
 * The project as a user has it after a clone: its files in a folder of their own, so that tests change no file of the
 * checkout, and stack files of its own, so that none of what the checkout's say matters: whether its stacks are up, which
 * digests and secrets they hold, what a person is editing. Packages are shared with the checkout.
 */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-"));

  /**
   * @param stacks text of the stack files, by stack
   * @param from the checkout; this one unless a test has one of its own
   */
  constructor(stacks: Readonly<Record<string, string>> = sampleStacks(), from = ROOT) {
    const options = ["--cached", "--others", "--exclude-standard", "-z"];
    const list = execFileSync("git", ["ls-files", ...options], { cwd: from, encoding: "utf8" });
    // Not every line is a file: other checkouts inside this one are folders, and what git knows may be deleted.
    const copied = (path: string): boolean =>
      !STACK_FILE.test(path) && statSync(join(from, path), { throwIfNoEntry: false })?.isFile() === true;
    for (const path of list.split("\0").filter(copied)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      cpSync(join(from, path), join(this.folder, path));
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    this.ownState();
    for (const [stack, text] of Object.entries(stacks)) {
      this.write(`Pulumi.${stack}.yaml`, text);
      this.liftLimits(stack);
    }
  }

  /** The checkout's stacks may be anywhere; these are in this folder. */
  private ownState(): void {
    const project = parseDocument(this.read("Pulumi.yaml"));
    project.setIn(["backend", "url"], "file://.fairlead/state");
    this.write("Pulumi.yaml", project.toString());
  }

  /** Gives a stack free ports; returns them. */
  async freePorts(stack: string): Promise<{ ssh: number; http: number; https: number }> {
    const [ssh, http, https] = await freePortsAtOnce(3);
    const ports = { ssh: ssh!, http: http!, https: https! };
    this.edit(stack, (document) => {
      for (const [name, port] of Object.entries(ports))
        document.setIn(["config", "fairlead:server", "box", "ports", name], port);
      // The backend accepts WebSockets of its own page only, and a page's origin has the port in it.
      const origin = `https://${String(document.getIn(["config", "fairlead:domain"]))}:${https}`;
      const path = ["config", "fairlead:apps", "backend", "environment", "FRONTEND_URL"];
      if (document.hasIn(path)) document.setIn(path, origin);
    });
    return ports;
  }

  /** The ports that a stack's box publishes. */
  ports(stack: string): { ssh: number; http: number; https: number } {
    const path = ["config", "fairlead:server", "box", "ports"];
    return (parseDocument(this.read(`Pulumi.${stack}.yaml`)).getIn(path) as YAMLMap).toJSON() as ReturnType<
      Project["ports"]
    >;
  }

  /** Tests ask more often than a visitor may, all of them from one address; what tests the limits sets its own. */
  protected liftLimits(stack: string): void {
    this.edit(stack, (document) => {
      const limits = { rate: "100000/s", burst: 1000, connections: 1000, streams: 1000 };
      for (const [name, value] of Object.entries(limits))
        document.setIn(["config", "fairlead:edge", "limits", name], value);
      const path = ["config", "fairlead:apps", "backend", "routes", 0, "limit"];
      if (document.hasIn(path)) document.deleteIn(path);
    });
  }

  /** Changes a stack file, comments and all. */
  edit(stack: string, change: (document: ReturnType<typeof parseDocument>) => void): void {
    const document = parseDocument(this.read(`Pulumi.${stack}.yaml`));
    change(document);
    writeFileSync(join(this.folder, `Pulumi.${stack}.yaml`), document.toString());
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  /** A verb of the automation, the way `npm run` starts it. */
  async run(verb: string, ...args: string[]): Promise<Ran> {
    return this.exec("node", ["automation/bootstrap.mjs", "automation/cli.ts", verb, ...args]);
  }

  /** A verb that gets Ctrl-C as soon as it says something: the terminal sends it to the whole group of processes. */
  async interrupted(when: RegExp, verb: string, ...args: string[]): Promise<Ran> {
    const file = ["automation/bootstrap.mjs", "automation/cli.ts", verb, ...args];
    const options = { timeout: 540_000 };
    const child = execa("node", file, { ...options, cwd: this.folder, reject: false, detached: true });
    let seen = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (!when.test(seen) && when.test((seen += chunk.toString()))) process.kill(-child.pid!, "SIGINT");
    });
    return plain(await child);
  }

  /** The engine as a person types it. */
  async pulumi(args: string[], input?: string, env: Record<string, string> = {}): Promise<Ran> {
    const passphrase = { PULUMI_CONFIG_PASSPHRASE_FILE: join(this.folder, ".fairlead", "passphrase") };
    return this.exec("npx", ["pulumi", ...args], { ...passphrase, ...env }, input);
  }

  async exec(file: string, args: string[], env: Record<string, string> = {}, input?: string): Promise<Ran> {
    const options = { env, timeout: 540_000 };
    return plain(await execa(file, args, { ...options, cwd: this.folder, reject: false, input }));
  }

  /** Names of the stacks that have a stack file here. */
  stacks(): string[] {
    return readdirSync(this.folder)
      .sort()
      .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  }

  /** Takes the folder away; the stacks must be down. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Without colours: some machines want them even without a terminal. */
function plain({ exitCode, stdout, stderr }: Ran): Ran {
  return { exitCode, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}

/** A port of the loopback that is free at this moment. */
export async function freePort(): Promise<number> {
  const [port] = await freePortsAtOnce(1);
  return port!;
}

/** Below those that systems give to clients by themselves (RFC 6335, section 6; Linux takes them from 32768 on). */
const PORTS = { first: 16_000, count: 16_000 };

/** So many different ones, which nobody else takes by chance until they are used. */
async function freePortsAtOnce(count: number): Promise<number[]> {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = createServer().listen(PORTS.first + randomInt(PORTS.count), "127.0.0.1");
    await once(server, "listening").then(
      () => servers.push(server),
      () => undefined,
    );
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, "close")));
  return ports;
}
