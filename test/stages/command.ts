import { execa } from "execa";

/** Results of a stage. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed and why, as it was printed; empty when nothing did. */
  failures: string;
}

/** One check: a command that ends with 0 when all is well. */
export interface Check {
  title: string;
  argv: [string, ...string[]];
  /** Printed as a skip when the command isn't there. */
  optional?: boolean;
  cwd?: string;
}

/** Runs a check; says nothing but its name while it passes. */
export async function runCommand({ title, argv: [file, ...args], cwd }: Check): Promise<Counts> {
  const result = await execa(file, args, { all: true, reject: false, cwd });
  const passed = result.exitCode === 0;
  console.log(`  ${passed ? "✔" : "✖"} ${title}`);
  if (passed) return { passed: 1, failed: 0, skipped: 0, failures: "" };
  const reason = `    ${[file, ...args].join(" ").slice(0, 200)}\n${result.all || result.message}`;
  console.log(reason);
  return { passed: 0, failed: 1, skipped: 0, failures: `  ✖ ${title}\n${reason.slice(-2000)}` };
}
