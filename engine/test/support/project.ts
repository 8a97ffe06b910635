import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Thing } from "./world.ts";

/** Folder of the `pulumi` that has the fake provider. */
export const bin = join(import.meta.dirname, "bin");
const modules = resolve(import.meta.dirname, "../../../node_modules");

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  input?: string;
  /** The interrupt key is pressed when this was printed, or when that is so. */
  signalAfter?: RegExp;
  signalWhen?: () => boolean;
  /** Milliseconds after that at which each signal is sent. Default: one, at once. */
  signals?: readonly number[];
}

/** A project of its own in a temporary folder, with a state, a home and a fake world. */
export class TestProject {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-engine-"));
  readonly env: NodeJS.ProcessEnv;

  constructor(program: string, name = "unit") {
    const { folder } = this;
    const yaml = `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nbackend:\n  url: file://./state\n`;
    writeFileSync(join(folder, "Pulumi.yaml"), yaml);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true, main: "index.js" }));
    symlinkSync(modules, join(folder, "node_modules"));
    mkdirSync(join(folder, "state"));
    this.program(program);
    const { PULUMI_BACKEND_URL: _url, PULUMI_CONFIG_PASSPHRASE_FILE: _file, ...rest } = process.env;
    this.env = {
      ...rest,
      PATH: `${bin}:${join(modules, ".bin")}:${process.env["PATH"] ?? ""}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "correct-horse",
      NODE_COMPILE_CACHE: join(tmpdir(), "fairlead-engine-cache"),
      FAKE_WORLD: join(folder, "world.json"),
    };
  }

  /** Replaces the program. `pulumi`, `config` and `Thing(name, props, opts)` are there. */
  program(text: string): void {
    writeFileSync(
      join(this.folder, "index.js"),
      `const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
class Thing extends pulumi.CustomResource {
  constructor(name, props = {}, opts = {}) {
    super("fake:index:Thing", name, { made: undefined, key: undefined, ...props }, { version: "1.0.0", ...opts });
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name, opts) { super("unit:index:Group", name, {}, opts); }
}
${text}
`,
    );
  }

  /** Runs `pulumi` with arguments; `input` goes to its stdin. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const child = spawn(process.execPath, [join(bin, "pulumi"), ...args], {
      cwd: this.folder,
      env: { ...this.env, ...options.env },
    });
    let [stdout, stderr] = ["", ""];
    let signalled = false;
    const signal = (): void => {
      signalled = true;
      for (const after of options.signals ?? [0]) setTimeout(() => child.kill("SIGINT"), after);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      if (!signalled && options.signalAfter?.test(stdout)) signal();
    });
    const look = setInterval(() => !signalled && options.signalWhen?.() && signal(), 20);
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(options.input ?? "");
    return new Promise((done) => {
      child.on("close", (code) => {
        clearInterval(look);
        done({ code: code ?? -1, stdout, stderr });
      });
    });
  }

  /** As {@link run}; fails the test unless the exit code is 0. */
  async ok(
    args: readonly string[],
    options: { env?: NodeJS.ProcessEnv; input?: string } = {},
  ): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} exited with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  get things(): Thing[] {
    return JSON.parse(readFileSync(this.env["FAKE_WORLD"] ?? "", "utf8")) as Thing[];
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
