import "./support/environment.cjs";
import { UserError } from "../automation/lib/errors.ts";
import { setUp } from "./stages/set-up.ts";
import { checks } from "./stages/checks.ts";
import { runCommand, type Counts } from "./stages/command.ts";
import { runMocha, suites } from "./stages/mocha.ts";

/** Everything, in the order in which a mistake is cheapest to find. */
const STAGES = ["format", "lint", "types", "unit", "engine", "examples", "images", "integration"];

/**
 * `npm test [-- --stage NAME …] [--yes]`: sets up what is missing (asks a person at the terminal first), runs the stages and closes with one line
 * `N passed, N failed, N skipped`. The exit code is 1 when anything failed.
 */
async function main(argv: string[]): Promise<number> {
  const wanted = stages(argv);
  const total: Counts = { passed: 0, failed: 0, skipped: 0, failures: "" };
  const unattended = !process.stdin.isTTY || !process.stdout.isTTY;
  await setUp(wanted, process.stdout, unattended || argv.includes("--yes"));
  for (const stage of STAGES.filter((name) => wanted.includes(name))) {
    console.log(`\n── ${stage} ${"─".repeat(60 - stage.length)}`);
    const results = await inTurn(stage);
    if (suites[stage]) results.push(...(await runMocha(suites[stage])));
    for (const counts of results) {
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
      if (counts.failures) total.failures += `\n── ${stage}: failed\n${counts.failures}\n`;
    }
  }
  // Said again: the reasons are far above by now.
  if (total.failures) console.log(total.failures);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function inTurn(stage: string): Promise<Counts[]> {
  const results: Counts[] = [];
  for (const check of checks[stage] ?? []) results.push(await runCommand(check));
  return results;
}

function stages(argv: string[]): string[] {
  const named = argv.flatMap((word, index) => (argv[index - 1] === "--stage" ? word.split(",") : []));
  const unknown = named.filter((name) => !STAGES.includes(name));
  const strange = argv.filter(
    (word, index) => !["--stage", "--yes"].includes(word) && argv[index - 1] !== "--stage",
  );
  if (unknown.length > 0 || strange.length > 0) {
    console.error(
      `Unknown: ${[...unknown, ...strange].join(" ")}. Usage: npm test [-- --stage ${STAGES.join(",")}] [--yes]`,
    );
    process.exit(2);
  }
  return named.length > 0 ? named : STAGES;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UserError ? `${error.message}\n${error.remedy}` : error);
    console.log("\n0 passed, 1 failed, 0 skipped");
    process.exit(1);
  },
);
