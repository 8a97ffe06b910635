import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import type { Counts } from "./command.ts";

/** A run of mocha. */
export interface Suite {
  files: string[];
  /** Those of them that run in a process of their own at the same time. */
  beside?: string[];
  /** The engine runs without ts-node, as it does for its users. */
  plain?: boolean;
  /** Milliseconds a test. */
  timeout: number;
}

const UNITS = ["bench", "config", "components", "automation", "docs", "support"];

/** Half of the integration stage by its time, on boxes of its own (decision 0034). */
const BESIDE = ["25", "26", "27", "28", "60", "61", "7"].map((start) => `test/integration/${start}*.test.ts`);

/** Test files by stage. */
export const suites: Record<string, Suite> = {
  unit: {
    files: ["audit/test", ...UNITS.map((name) => `test/${name}`)].map((folder) => `${folder}/**/*.test.ts`),
    timeout: 20_000,
  },
  engine: { files: ["engine/test/**/*.test.ts"], plain: true, timeout: 120_000 },
  examples: { files: ["test/examples/**/*.test.ts"], timeout: 60_000 },
  images: { files: ["test/images/**/*.test.ts"], timeout: 180_000 },
  integration: { files: ["test/integration/**/*.test.ts"], beside: BESIDE, timeout: 600_000 },
};

/**
 * Runs a suite, shows what mocha shows, and counts by its closing lines. What runs beside the first process is shown when
 * both have ended, so that their lines don't mix.
 */
export async function runMocha({ beside = [], ...suite }: Suite): Promise<Counts[]> {
  const first = mocha(suite, beside);
  if (beside.length === 0) return [(await first).counts];
  const both = await Promise.all([first, mocha({ ...suite, files: beside }, [], true)]);
  console.log(both[1].shown);
  return both.map(({ counts }) => counts);
}

/** One process; one without any counts is a failure. */
async function mocha(
  { files, plain, timeout }: Suite,
  but: string[],
  later = false,
): Promise<{ counts: Counts; shown: string }> {
  const config = plain ? ["--no-config"] : [];
  const ignored = but.flatMap((file) => ["--ignore", file]);
  const args = [
    ...config,
    "--timeout",
    String(timeout),
    "--reporter",
    "spec",
    "--exit",
    ...ignored,
    ...files,
  ];
  const program = join(__dirname, "..", "..", "node_modules", "mocha", "bin", "mocha.js");
  const child = execa(process.execPath, [program, ...args], {
    reject: false,
    stdout: later ? "pipe" : ["pipe", "inherit"],
    stderr: "inherit",
  });
  const { stdout: coloured, exitCode } = await child;
  return { counts: counted(stripVTControlCharacters(coloured), exitCode), shown: coloured };
}

function counted(stdout: string, exitCode: number | undefined): Counts {
  const count = (word: string): number =>
    Number(new RegExp(`^ {2}(\\d+) ${word}\\b`, "m").exec(stdout)?.[1] ?? 0);
  const failures = /^ {2}\d+ failing\n([^]*)/m.exec(stdout)?.[1]?.trimEnd() ?? "";
  const counts = { passed: count("passing"), failed: count("failing"), skipped: count("pending"), failures };
  if (exitCode !== 0 && counts.failed === 0) {
    counts.failed = 1;
    counts.failures = `  mocha ended with ${exitCode}`;
  }
  return counts;
}
