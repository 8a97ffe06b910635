import { execa } from "execa";
import { ensureDocker } from "../../automation/setup/docker.ts";
import { ensurePackages, type Package } from "../../automation/setup/packages.ts";

const LINTERS: Package[] = [
  { name: "shellcheck", provides: "shellcheck" },
  { name: "python3-pyflakes", provides: "/usr/lib/python3/dist-packages/pyflakes/__main__.py" },
  { name: "git", provides: "git" },
];

const STORES: Package[] = [
  { name: "postgresql", provides: "/usr/lib/postgresql" },
  { name: "redis-server", provides: "redis-server" },
];

/** What the stages need and a bare machine lacks; each step says what it did. */
export async function setUp(stages: string[], out: NodeJS.WritableStream): Promise<void> {
  const options = { yes: true, onProgress: (line: string) => void out.write(`${line}\n`) };
  const done: string[] = [];
  if (stages.includes("lint")) done.push(...(await ensurePackages(LINTERS, "The linters need", options)));
  if (stages.includes("examples"))
    done.push(...(await ensurePackages(STORES, "The sample applications' tests need", options)));
  if (stages.some((stage) => ["engine", "images", "integration"].includes(stage)))
    done.push(...(await ensureDocker(options)));
  if (stages.includes("examples")) await buildSamples();
  for (const line of done) out.write(`Set up: ${line}\n`);
}

async function buildSamples(): Promise<void> {
  for (const app of ["backend", "frontend"]) {
    await execa("npm", ["run", "--silent", "build", "--workspace", `examples/apps/${app}`]);
  }
}
