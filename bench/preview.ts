import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { median, pairs } from "./pairs.ts";
import { STACK, type BenchStack } from "./stack.ts";
import type { Row } from "./table.ts";

/**
 * A preview of the whole stack that finds nothing to do ÷ the preview of a program without resources, by the same
 * engine and the same kind of program. What the ratio leaves is the cost of the stack itself.
 */
export async function measurePreview(stack: BenchStack, count: number): Promise<Row[]> {
  await stack.first();
  const empty = await emptyProject(stack.project.folder);
  const passphrase = { PULUMI_CONFIG_PASSPHRASE_FILE: join(stack.project.folder, ".fairlead", "passphrase") };
  try {
    const result = await pairs(
      count,
      () => preview(stack.project.folder, STACK, passphrase),
      () => preview(empty, "empty", passphrase),
    );
    const ratio = median(result.ratios);
    const spread = `${Math.min(...result.ratios).toFixed(2)}–${Math.max(...result.ratios).toFixed(2)}`;
    return [
      {
        measure: "no-op preview ÷ empty program's",
        figure: ratio,
        unit: "×",
        goal: 1.5,
        note: `median of ${count} pairs, ${spread}; ${median(result.a).toFixed(1)} s ÷ ${median(result.b).toFixed(1)} s`,
      },
    ];
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

/** A project without resources whose stack exists, beside the real one's packages and run in the same way. */
async function emptyProject(folder: string): Promise<string> {
  const empty = mkdtempSync(join(tmpdir(), "fairlead-empty-"));
  mkdirSync(join(empty, "state"));
  const files = {
    "Pulumi.yaml": stringify({
      name: "empty",
      runtime: runtime(folder),
      backend: { url: `file://${empty}/state` },
    }),
    "package.json": '{ "name": "empty", "main": "index.ts" }\n',
    "tsconfig.json": `{ "extends": "${folder}/tsconfig.json" }\n`,
    "index.ts": 'import * as pulumi from "@pulumi/pulumi";\n\nexport const stack = pulumi.getStack();\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(empty, name), text);
  symlinkSync(join(folder, "node_modules"), join(empty, "node_modules"));
  const env = { PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, ".fairlead", "passphrase") };
  await pulumi(empty, ["stack", "init", "empty"], env);
  await pulumi(empty, ["up", "--yes", "--skip-preview", "--stack", "empty"], env);
  return empty;
}

/** How the real project has its program run. */
function runtime(folder: string): unknown {
  const text = readFileSync(join(folder, "Pulumi.yaml"), "utf8").replace(
    "--require ./",
    `--require ${folder}/`,
  );
  return (parse(text) as { runtime: unknown }).runtime;
}

/** `--expect-no-changes`: a preview that finds something to do would measure something else. */
async function preview(cwd: string, stack: string, env: Record<string, string>): Promise<void> {
  await pulumi(cwd, ["preview", "--expect-no-changes", "--stack", stack], env);
}

async function pulumi(cwd: string, args: string[], env: Record<string, string>): Promise<void> {
  const file = join(cwd, "node_modules", ".bin", "pulumi");
  await execa(file, [...args, "--non-interactive"], { cwd, env, stdin: "ignore" });
}
