import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { execa } from "execa";
import { seconds } from "./pairs.ts";
import type { Row } from "./table.ts";

const ROOT = resolve(__dirname, "..");
const SIZES = [50, 300, 1000] as const;

/** Seconds of the first update and of a preview that finds nothing to do. */
interface Times {
  up: number;
  preview: number;
}

/**
 * The engine alone: programs of 50, 300 and 1,000 random numbers that depend on each other in tens. Beside the official
 * CLI where one is on PATH, the same 300 with it, right after.
 */
export async function measureEngine(say: (line: string) => void): Promise<Row[]> {
  const times = new Map<number, Times>();
  for (const size of SIZES) {
    say(`engine: ${size} resources`);
    times.set(size, await run(size, join(ROOT, "node_modules", ".bin", "pulumi")));
  }
  const [small, middle, large] = SIZES.map((size) => times.get(size)!.up);
  const [early, late] = [(middle! - small!) / (300 - 50), (large! - middle!) / (1000 - 300)];
  const list = SIZES.map((size) => `${size}: ${times.get(size)!.up.toFixed(1)} s`).join(", ");
  const rows: Row[] = [
    { measure: "first up of 300 resources", figure: middle!, unit: "s", note: list },
    {
      measure: "a further resource from 300 to 1,000 ÷ from 50 to 300",
      figure: late / early,
      unit: "×",
      goal: 1.5,
      note: "1 is linear",
    },
  ];
  const official = officialCli();
  if (!official) return rows;
  say("engine: 300 resources with the official CLI");
  const other = await run(300, official);
  const ours = times.get(300)!;
  const ratio = (what: keyof Times, title: string): Row => ({
    measure: `${title} of 300 resources ÷ the official CLI's`,
    figure: ours[what] / other[what],
    unit: "×",
    note: `${ours[what].toFixed(1)} s ÷ ${other[what].toFixed(1)} s`,
  });
  return [...rows, ratio("up", "first up"), ratio("preview", "no-op preview")];
}

async function run(size: number, pulumi: string): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), "bench-engine-"));
  try {
    mkdirSync(join(folder, "state"));
    const files = {
      "Pulumi.yaml": `name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nbackend:\n  url: file://${folder}/state\n`,
      "package.json": '{ "name": "bench", "main": "index.js" }\n',
      "index.js": program(size),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const env = {
      PULUMI_CONFIG_PASSPHRASE: "bench",
      ...(pulumi.startsWith(ROOT) ? { FAIRLEAD_ENGINE: "embedded" } : {}),
    };
    const ask = (...args: string[]): Promise<unknown> =>
      execa(pulumi, [...args, "--stack", "bench", "--non-interactive"], {
        cwd: folder,
        env,
        stdin: "ignore",
      });
    await execa(pulumi, ["stack", "init", "bench", "--non-interactive"], { cwd: folder, env });
    return {
      up: await seconds(() => ask("up", "--yes", "--skip-preview")),
      preview: await seconds(() => ask("preview", "--expect-no-changes")),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function program(size: number): string {
  return [
    'const random = require("@pulumi/random");',
    "let before;",
    `for (let index = 0; index < ${size}; index++) {`,
    "  const keepers = index % 10 === 0 ? undefined : { before: before.result };",
    '  before = new random.RandomUuid("id-" + index, { keepers });',
    "}",
    "",
  ].join("\n");
}

/** A `pulumi` on PATH that isn't the one of these packages. */
function officialCli(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, "pulumi"))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
