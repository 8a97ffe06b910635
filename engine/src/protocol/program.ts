import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { CliError } from "../errors.ts";
import type { Project } from "../project/project.ts";

interface ProgramOptions {
  project: Project;
  stack: string;
  monitor: string;
  engine: string;
  preview: boolean;
  parallel: number;
  /** Decrypted, by full key (`project:key`). */
  config: Readonly<Record<string, string>>;
  secretKeys: readonly string[];
  /** A line that the program printed. */
  onLine: (line: string) => void;
}

/** The exit code of the SDK after it has shown what went wrong. */
const ALREADY_SHOWN = 32;

/** A running program. `done` resolves to undefined for success, "" for a failure that was already shown, else the message. */
export interface Program {
  done: Promise<string | undefined>;
  kill: () => void;
}

/**
 * Bytes of configuration that go through the environment, as with the official CLI. Linux allows 128 KiB for one
 * variable (execve(2), MAX_ARG_STRLEN), macOS 1 MiB for all of them together.
 */
const ENVIRONMENT_LIMIT = 96 * 1024;
/** Reads {@link CONFIG_FD} in the program's process, before anything else runs there. */
const PRELOAD = join(import.meta.dirname, "largeConfig.cjs");
/** The file descriptor of a configuration that is too large for the environment. */
const CONFIG_FD = 3;

/**
 * Starts the program as the official language host does: the SDK's own `cmd/run`, with the same arguments.
 * A configuration that is too large for the environment goes through a pipe, so that no secret is ever in a file.
 */
export function startProgram(options: ProgramOptions): Program {
  const { project } = options;
  const folder = project.programFolder;
  const settings = environmentOf(options);
  const text = JSON.stringify(settings);
  const large = Buffer.byteLength(text) > ENVIRONMENT_LIMIT;
  const args = [
    ...(large ? ["--require", PRELOAD] : []),
    ...project.nodeArgs,
    locateRun(folder),
    "--monitor",
    options.monitor,
    "--engine",
    options.engine,
    "--organization",
    "organization",
    "--project",
    project.name,
    "--root-directory",
    project.root,
    "--stack",
    options.stack,
    "--pwd",
    folder,
    ...(options.preview ? ["--dry-run"] : []),
    "--parallel",
    String(options.parallel),
    ".",
  ];
  const env = {
    ...process.env,
    ...(large ? { FAIRLEAD_CONFIG_FD: String(CONFIG_FD) } : settings),
    ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(project.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: project.tsconfig } : {}),
  };
  // A group of its own: an interrupt at the terminal is for the engine, which lets running steps finish.
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe", ...(large ? (["pipe"] as const) : [])],
    detached: true,
  });
  const pipe = child.stdio[CONFIG_FD] as Writable | null | undefined;
  // A program that ends before it has read everything reports that itself.
  pipe?.on("error", () => undefined).end(text);
  for (const stream of [child.stdout, child.stderr]) if (stream) lines(stream, options.onLine);
  const done = new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(`could not start the program: ${error.message}`));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (code === ALREADY_SHOWN) resolve("");
      else resolve(code === null ? `the program was ended by ${signal ?? "a signal"}` : exitMessage(code));
    });
  });
  return { done, kill: () => void child.kill("SIGKILL") };
}

/** The variables in which the SDK looks for its configuration. */
function environmentOf({ config, secretKeys }: ProgramOptions): Record<string, string> {
  const all = Object.entries(config).map(([key, value]) => {
    const cut = key.indexOf(":");
    return [`${key.slice(0, cut)}:config:${key.slice(cut + 1)}`, value];
  });
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(all)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
  };
}

const exitMessage = (code: number): string => `Program exitMessage with non-zero exit code: ${code}`;

function lines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", onLine);
}

function locateRun(folder: string): string {
  try {
    return createRequire(join(folder, "index.js")).resolve("@pulumi/pulumi/cmd/run/index.js");
  } catch {
    throw new CliError(`${folder}: @pulumi/pulumi isn't installed there; run npm install`);
  }
}
