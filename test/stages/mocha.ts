import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import type { Counts } from "./command.ts";

/** A run of mocha. */
export interface Suite {
  files: string[];
  /** The engine runs without ts-node, as it does for its users. */
  plain?: boolean;
  /** Milliseconds a test. */
  timeout: number;
}

const UNITS = ["bench", "config", "components", "automation", "docs", "support"];

/** Test files by stage. */
export const suites: Record<string, Suite> = {
  unit: {
    files: ["audit/test", ...UNITS.map((name) => `test/${name}`)].map((folder) => `${folder}/**/*.test.ts`),
    timeout: 20_000,
  },
  engine: { files: ["engine/test/**/*.test.ts"], plain: true, timeout: 120_000 },
  examples: { files: ["test/examples/**/*.test.ts"], timeout: 60_000 },
  images: { files: ["test/images/**/*.test.ts"], timeout: 180_000 },
  integration: { files: ["test/integration/**/*.test.ts"], timeout: 600_000 },
};

/** Runs mocha as a child, shows what it shows, and counts by its closing lines; a run without any counts as one failure. */
export async function runMocha({ files, plain, timeout }: Suite): Promise<Counts> {
  const config = plain ? ["--no-config"] : [];
  const args = [...config, "--timeout", String(timeout), "--reporter", "spec", "--exit", ...files];
  const mocha = join(__dirname, "..", "..", "node_modules", "mocha", "bin", "mocha.js");
  const child = execa(process.execPath, [mocha, ...args], {
    reject: false,
    stdout: ["pipe", "inherit"],
    stderr: "inherit",
  });
  const { stdout: coloured, exitCode } = await child;
  const stdout = stripVTControlCharacters(coloured);
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
