import { spawn, spawnSync } from "node:child_process";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { exit, messageOf } from "../errors.ts";
import { configTooLarge } from "./configSize.ts";

/** An official CLI may be this many minor versions behind the SDK. */
const TOLERANCE = 20;

/**
 * Runs an official `pulumi` on PATH instead of this engine, when there is one that is new enough for the installed SDK:
 * the same major version, and a minor version at most {@link TOLERANCE} below the SDK's. FAIRLEAD_ENGINE=embedded
 * prevents it. Which one runs is printed on stderr, unless a program reads the output.
 * @returns its exit code, or undefined when this engine is to run
 */
export async function handOver(argv: readonly string[]): Promise<number | undefined> {
  const quiet = isQuiet(argv);
  const report = (text: string): void => void (quiet || process.stderr.write(`${text}\n`));
  if (process.env["FAIRLEAD_ENGINE"] === "embedded") {
    report("pulumi: embedded engine (FAIRLEAD_ENGINE=embedded)");
    return undefined;
  }
  const official = findOfficial();
  if (!official) {
    report("pulumi: embedded engine (no official pulumi on PATH)");
    return undefined;
  }
  const version =
    spawnSync(official, ["version"], { encoding: "utf8", env: environment() }).stdout?.trim() ?? "";
  const [wanted, found] = [parseVersion(sdkVersion()), parseVersion(version)];
  if (!wanted || !found || found[0] !== wanted[0] || found[1] < wanted[1] - TOLERANCE) {
    const need = wanted ? `v${wanted[0]}.${wanted[1] - TOLERANCE}.0` : "that of the SDK";
    report(`pulumi: embedded engine (${official} is ${version || "broken"}, needed is at least ${need})`);
    return undefined;
  }
  report(`pulumi: official CLI ${version} (${official})`);
  const refusal = configTooLarge(argv);
  if (refusal) {
    process.stderr.write(`error: ${refusal}\n`);
    return exit.usage;
  }
  return run(official, argv);
}

/** The Automation API and readers of JSON get nothing but the answer. */
function isQuiet(argv: readonly string[]): boolean {
  if (process.env["PULUMI_AUTOMATION_API"] || argv.includes("--non-interactive")) return true;
  return argv.some((arg) => ["--json", "-j", "version", "--version", "--help", "-h"].includes(arg));
}

/** The first `pulumi` on PATH that isn't this package; links are followed. */
function findOfficial(): string | undefined {
  const own = realpathSync(join(import.meta.dirname, "../.."));
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder || ".", "pulumi");
    try {
      const real = realpathSync(path);
      if (real.startsWith(own) || real.endsWith(join("engine", "bin", "pulumi.mjs"))) continue;
      if (statSync(real).isFile() && (statSync(real).mode & 0o111) !== 0) return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** Prevents loops: an engine of this kind that is called next doesn't hand over again. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, FAIRLEAD_ENGINE: "embedded" });

async function run(path: string, argv: readonly string[]): Promise<number> {
  const child = spawn(path, argv, { stdio: "inherit", env: { ...process.env, FAIRLEAD_HANDED_OVER: "1" } });
  // The terminal signals the whole group; the child decides.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`error: ${path}: ${messageOf(error)}\n`);
      resolve(1);
    });
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

function sdkVersion(): string {
  const path = createRequire(import.meta.url).resolve("@pulumi/pulumi");
  return (JSON.parse(readFileSync(join(dirname(path), "package.json"), "utf8")) as { version: string })
    .version;
}

function parseVersion(version: string): [number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)\./.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
