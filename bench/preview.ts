import { join } from "node:path";
import { execa } from "execa";
import { emptyProject, type Kind } from "./empty.ts";
import { median, pairs } from "./pairs.ts";
import { STACK, type BenchStack } from "./stack.ts";
import type { Keep, Row } from "./table.ts";

const TITLES: Record<Kind, string> = {
  usual: "no-op preview ÷ empty program's, as Pulumi runs it",
  same: "no-op preview ÷ empty program's, run as ours is",
};

/**
 * A preview of the whole stack that finds nothing to do ÷ the preview of a program without resources, by the same
 * engine: once as Pulumi's template has it, and once with what makes ours quick, so that the ratio
 * leaves the cost of the stack itself.
 */
export async function measurePreview(stack: BenchStack, count: number, keep: Keep): Promise<void> {
  await stack.first();
  for (const kind of ["usual", "same"] as const) keep(await measure(stack.project.folder, kind, count));
}

async function measure(folder: string, kind: Kind, count: number): Promise<Row> {
  const env = { PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, ".fairlead", "passphrase") };
  // `--expect-no-changes`: a preview that finds something to do would measure something else.
  const run = (cwd: string, args: string[]): Promise<unknown> =>
    execa(join(folder, "node_modules/.bin/pulumi"), [...args, "--non-interactive"], {
      cwd,
      env,
      stdin: "ignore",
    });
  const empty = await emptyProject(folder, kind, run);
  const preview = (cwd: string, name: string): Promise<unknown> =>
    run(cwd, ["preview", "--expect-no-changes", "--stack", name]);
  try {
    const { a, b, ratios } = await pairs(
      count,
      () => preview(folder, STACK),
      () => preview(empty.folder, "empty"),
    );
    const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    return {
      measure: TITLES[kind],
      figure: median(ratios),
      unit: "×",
      goal: 1.5,
      note: `median of ${count} pairs, ${spread}; ${median(a).toFixed(1)} s ÷ ${median(b).toFixed(1)} s`,
    };
  } finally {
    empty.remove();
  }
}
