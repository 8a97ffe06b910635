import "../test/support/environment.cjs";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { measureApplications } from "./applications.ts";
import { measureDeploy } from "./deploy.ts";
import { measureEdge } from "./edge.ts";
import { measureEngine } from "./engine.ts";
import { measureMemory } from "./memory.ts";
import { measurePreview } from "./preview.ts";
import { measureProgram } from "./program.ts";
import { BenchStack } from "./stack.ts";
import { table, type Keep, type Row } from "./table.ts";
import { measureTransfers } from "./transfers.ts";
import { measureUp } from "./up.ts";

const ROOT = resolve(__dirname, "..");

interface Options {
  only: string[];
  pairs: number;
  json: boolean;
}

type Measure = (stack: BenchStack, options: Options, keep: Keep) => Promise<unknown>;

/** In the order in which each disturbs the next least: the first `up` meets a stack that isn't there yet. */
const MEASURES: Record<string, Measure> = {
  program: async (_, { pairs }, keep) => keep(...(await measureProgram(pairs))),
  transfers: async (_, __, keep) => keep(...(await measureTransfers(say))),
  edge: (_, { pairs }, keep) => measureEdge(pairs, say, keep),
  engine: async (_, __, keep) => keep(...(await measureEngine(say))),
  up: async (stack, _, keep) => keep(...(await measureUp(stack))),
  memory: async (stack, _, keep) => keep(...(await measureMemory(stack))),
  preview: (stack, { pairs }, keep) => measurePreview(stack, pairs, keep),
  deploy: (_, { pairs }, keep) => measureDeploy(Math.min(pairs, 3), say, keep),
  applications: (_, __, keep) => measureApplications(say, keep),
};

function say(line: string): void {
  process.stderr.write(`… ${line}\n`);
}

const program = new Command("bench")
  .description("Figures of this project beside its goals, as ratios where the machine matters. Never a test.")
  .option("--only <names>", `some of ${Object.keys(MEASURES).join(",")}`, names, Object.keys(MEASURES))
  .option("--pairs <count>", "how often what is quick is measured", count, 5)
  .option("--json", "print the figures as JSON, and nothing else", false)
  .showHelpAfterError()
  .parse();

/**
 * Measures, takes the stack down whatever happens, prints one table and keeps it as JSON: with all that was measured,
 * also when something else failed.
 * @returns the exit code: 1 when a measurement failed, or ours lost requests
 */
async function main(options: Options): Promise<number> {
  const stack = new BenchStack(say);
  let interrupted = false;
  let pressed = -Infinity;
  // The first Ctrl-C ends the measurement and not the bench: the stack must go down. `on`, not `once`: libraries that
  // find no other listener left end the process themselves.
  const interrupt = (): void => {
    // Terminal, npm and bootstrap all pass one press on.
    const again = performance.now() - pressed < 300;
    pressed = performance.now();
    if (again) return;
    if (interrupted) process.exit(130);
    interrupted = true;
    process.stderr.write("… interrupted: taking the stack down (again to leave it)\n");
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  const rows: Row[] = [];
  const faults: string[] = [];
  const attempt = (name: string, task: Promise<unknown>): Promise<unknown> =>
    task.catch((error: unknown) => faults.push(`${name}: ${(error as Error).message ?? String(error)}`));
  const before = loadavg()[0]!;
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (!options.only.includes(name) || interrupted) continue;
    say(name);
    await attempt(
      name,
      measure(stack, options, (...more) => rows.push(...more)),
    );
  }
  await attempt("npm run down", stack.down());
  faults.push(
    ...rows.flatMap(({ measure, figure, unit }) =>
      unit === "" && figure > 0 ? [`${figure} ${measure}`] : [],
    ),
  );
  const report = { date: new Date().toISOString(), machine: machine(before), commit: commit(), rows, faults };
  const path = save(report);
  console.log(
    options.json ? JSON.stringify(report, null, 2) : `\n${table(rows)}\n\n${others(before)}Kept as ${path}`,
  );
  for (const fault of faults) console.error(`✖ ${fault}`);
  return faults.length > 0 ? 1 : 0;
}

function names(text: string): string[] {
  const list = text.split(",");
  const unknown = list.filter((name) => !(name in MEASURES));
  if (unknown.length === 0) return list;
  throw new InvalidArgumentError(
    `Unknown: ${unknown.join(", ")}. Known: ${Object.keys(MEASURES).join(", ")}.`,
  );
}

function count(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected 1–99, found "${text}".`);
}

function machine(load: number): object {
  const all = cpus();
  return {
    node: process.version,
    cpus: all.length,
    cpu: all[0]?.model,
    memory: totalmem(),
    loadBefore: load,
  };
}

/** A warning where the machine was busy before anything began: only ratios mean something then. */
function others(load: number): string {
  const busy = load > cpus().length / 2;
  return busy
    ? `The machine was busy with other things (load ${load.toFixed(1)}): trust the ratios only.\n`
    : "";
}

function commit(): string {
  return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: ROOT, encoding: "utf8" }).trim();
}

function save(report: { date: string }): string {
  const path = `bench/results/${report.date.replace(/[:.]/g, "-")}.json`;
  mkdirSync(join(ROOT, "bench", "results"), { recursive: true });
  writeFileSync(join(ROOT, path), `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

main(program.opts<Options>()).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
