import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { parse as parseYaml } from "yaml";
import { references } from "../automation/setup/images.ts";
import { parse } from "../config/parse.ts";
import { generatedFor } from "../config/secrets.ts";
import { standIn } from "./monitor.ts";
import { median } from "./pairs.ts";
import type { Row } from "./table.ts";
import { usageOf, type Usage } from "./usage.ts";

const ROOT = resolve(__dirname, "..");

/** Where the embedded engine keeps compiled code, for the programs that it starts too. */
const CACHE = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "compile-cache");

/** One run of the program. */
interface Run {
  seconds: number;
  usage: Usage;
  resources: number;
}

/**
 * The program alone, started as every engine starts it (the SDK's `cmd/run`), against a stand-in that answers at once:
 * the time from the start of its process to the registration of its last resource, and its resident memory then. It is
 * a preview of staging with digests that stand for nothing.
 */
export async function measureProgram(count: number): Promise<Row[]> {
  const config = stagingConfig();
  const runs: Run[] = [];
  await run(config);
  for (let index = 0; index < count; index++) runs.push(await run(config));
  const note = `median of ${count} runs; ${runs[0]!.resources} resources`;
  return [
    {
      measure: "program load",
      figure: median(runs.map(({ seconds }) => seconds)),
      unit: "s",
      goal: 1,
      note: `${note}; ${median(runs.map(({ usage }) => usage.cpu)).toFixed(1)} s of processor time`,
    },
    {
      measure: "program memory (RSS)",
      figure: median(runs.map(({ usage }) => usage.memory)),
      unit: "MB",
      goal: 200,
      note: `${note}; at its peak ${Math.max(...runs.map(({ usage }) => usage.peak)).toFixed(0)} MB`,
    },
  ];
}

async function run(config: Record<string, string>): Promise<Run> {
  let pid: number | undefined;
  let usage: Usage = { memory: 0, peak: 0, cpu: 0 };
  const { address, seen, close } = await standIn(() => {
    usage = usageOf(pid) ?? usage;
  });
  try {
    const started = performance.now();
    const child = execa(
      process.execPath,
      [...nodeArgs(), require.resolve("@pulumi/pulumi/cmd/run"), ...argumentsFor(address)],
      {
        cwd: ROOT,
        env: {
          PULUMI_CONFIG: JSON.stringify(config),
          PULUMI_CONFIG_SECRET_KEYS: "[]",
          NODE_COMPILE_CACHE: CACHE,
        },
      },
    );
    pid = child.pid;
    await child;
    if (seen.count === 0) throw new Error("the program registered nothing");
    return { seconds: (seen.last - started) / 1000, usage, resources: seen.count };
  } finally {
    close();
  }
}

/** What `Pulumi.yaml` says that Node gets. */
function nodeArgs(): string[] {
  const { runtime } = parseYaml(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    runtime: { options: { nodeargs?: string } };
  };
  return runtime.options.nodeargs?.split(" ") ?? [];
}

function argumentsFor(address: string): string[] {
  const names = ["--organization", "organization", "--project", "fairlead", "--stack", "bench"];
  const place = ["--root-directory", ROOT, "--pwd", ROOT];
  return [
    "--monitor",
    address,
    "--engine",
    address,
    ...names,
    ...place,
    "--dry-run",
    "--parallel",
    "16",
    ".",
  ];
}

/** The sample staging's settings as an engine hands them over (`project:config:key`), every image with a digest. */
function stagingConfig(): Record<string, string> {
  const file = parseYaml(readFileSync(join(ROOT, "examples/maicivy/Pulumi.staging.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  const raw = Object.fromEntries(
    Object.entries(file.config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const { config } = parse("fairlead", "bench", raw);
  const wanted = references(config);
  const digests = Object.fromEntries(wanted.map((reference) => [reference, `sha256:${"0".repeat(64)}`]));
  const all = { ...raw, "fairlead:digests": JSON.stringify(digests) };
  const settings = Object.entries(all).filter(([key]) => /^fairlead:[a-z]/.test(key));
  const secrets = generatedFor(config).map((name) => [`fairlead:${name}`, "x".repeat(32)]);
  return Object.fromEntries(
    [...settings, ...secrets].map(([key, value]) => [key!.replace(":", ":config:"), value!]),
  );
}
